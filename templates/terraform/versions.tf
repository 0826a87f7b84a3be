terraform {
required_version = ">= 1.11"
required_providers {
aws = {
source = "hashicorp/aws"
version = "~> 6.0"
}
}
# State: add a `backend "s3" {}` of your own in a file beside this one, with `use_lockfile = true`.
}
