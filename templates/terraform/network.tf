locals {
# Zone to its number, which its addresses follow: a zone that is added moves no other.
zones = {
{% for z in s.zones %}
{{ z }} = {{ loop.index0 }}
{% endfor %}
}
}
resource "aws_vpc" "main" {
cidr_block = var.vpc_cidr
enable_dns_hostnames = true
enable_dns_support = true
tags = { Name = var.name }
}
# The group that AWS makes lets all of its members talk to each other: nothing is in it.
resource "aws_default_security_group" "main" {
vpc_id = aws_vpc.main.id
}
resource "aws_subnet" "public" {
for_each = local.zones
vpc_id = aws_vpc.main.id
availability_zone = "${var.region}${each.key}"
cidr_block = cidrsubnet(var.vpc_cidr, 8, each.value)
map_public_ip_on_launch = false
tags = { Name = "${var.name}-public-${each.key}" }
}
{% if s.private_subnets() %}
resource "aws_subnet" "private" {
for_each = local.zones
vpc_id = aws_vpc.main.id
availability_zone = "${var.region}${each.key}"
cidr_block = cidrsubnet(var.vpc_cidr, 4, each.value + 1)
tags = { Name = "${var.name}-private-${each.key}" }
}
{% endif %}
{% if s.data_subnets() %}
resource "aws_subnet" "data" {
for_each = local.zones
vpc_id = aws_vpc.main.id
availability_zone = "${var.region}${each.key}"
cidr_block = cidrsubnet(var.vpc_cidr, 8, each.value + 128)
tags = { Name = "${var.name}-data-${each.key}" }
}
{% endif %}
resource "aws_internet_gateway" "main" {
vpc_id = aws_vpc.main.id
tags = { Name = var.name }
}
resource "aws_route_table" "public" {
vpc_id = aws_vpc.main.id
tags = { Name = "${var.name}-public" }
}
resource "aws_route" "public_out" {
route_table_id = aws_route_table.public.id
destination_cidr_block = "0.0.0.0/0"
gateway_id = aws_internet_gateway.main.id
}
resource "aws_route_table_association" "public" {
for_each = local.zones
subnet_id = aws_subnet.public[each.key].id
route_table_id = aws_route_table.public.id
}
{% if s.tasks() %}
resource "aws_eip" "nat" {
for_each = local.zones
domain = "vpc"
tags = { Name = "${var.name}-nat-${each.key}" }
}
# One for each zone: a lost zone takes no other zone's way out with it.
resource "aws_nat_gateway" "main" {
for_each = local.zones
allocation_id = aws_eip.nat[each.key].id
subnet_id = aws_subnet.public[each.key].id
tags = { Name = "${var.name}-${each.key}" }
depends_on = [aws_internet_gateway.main]
}
resource "aws_route_table" "private" {
for_each = local.zones
vpc_id = aws_vpc.main.id
tags = { Name = "${var.name}-private-${each.key}" }
}
resource "aws_route" "private_out" {
for_each = local.zones
route_table_id = aws_route_table.private[each.key].id
destination_cidr_block = "0.0.0.0/0"
nat_gateway_id = aws_nat_gateway.main[each.key].id
}
resource "aws_route_table_association" "private" {
for_each = local.zones
subnet_id = aws_subnet.private[each.key].id
route_table_id = aws_route_table.private[each.key].id
}
# Layers of images and objects come from S3: this way they do not pass the NAT gateways.
resource "aws_vpc_endpoint" "s3" {
vpc_id = aws_vpc.main.id
service_name = "com.amazonaws.${var.region}.s3"
vpc_endpoint_type = "Gateway"
route_table_ids = [for t in aws_route_table.private : t.id]
tags = { Name = "${var.name}-s3" }
}
{% endif %}
{% if s.data_subnets() %}
# No way out: what keeps data starts no connection.
resource "aws_route_table" "data" {
vpc_id = aws_vpc.main.id
tags = { Name = "${var.name}-data" }
}
resource "aws_route_table_association" "data" {
for_each = local.zones
subnet_id = aws_subnet.data[each.key].id
route_table_id = aws_route_table.data.id
}
{% endif %}
resource "aws_cloudwatch_log_group" "flow_logs" {
name = "/${var.name}/vpc-flow-logs"
retention_in_days = var.log_retention_days
kms_key_id = aws_kms_key.main.arn
}
resource "aws_flow_log" "main" {
vpc_id = aws_vpc.main.id
# What was refused tells of attacks and of missing rules; all traffic would cost more than it tells.
traffic_type = "REJECT"
iam_role_arn = aws_iam_role.flow_logs.arn
log_destination = aws_cloudwatch_log_group.flow_logs.arn
log_destination_type = "cloud-watch-logs"
max_aggregation_interval = 600
tags = { Name = var.name }
}
