provider "aws" {
region = var.region
default_tags {
tags = {
System = "{{ s.title }}"
ManagedBy = "terraform"
}
}
}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
