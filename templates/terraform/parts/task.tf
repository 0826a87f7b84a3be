{% block resources %}
resource "aws_ecs_cluster" "main" {
name = var.name
setting {
name = "containerInsights"
value = "enabled"
}
}
{% if self.on_machines() %}
# The image of ECS on Amazon Linux 2023. A newer one runs on machines that start after it was applied.
{% if self.on_machines_of(true) %}
data "aws_ssm_parameter" "machines_arm64" {
name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id"
}
{% endif %}
{% if self.on_machines_of(false) %}
data "aws_ssm_parameter" "machines_x86_64" {
name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
}
{% endif %}
resource "aws_ecs_cluster_capacity_providers" "main" {
cluster_name = aws_ecs_cluster.main.name
capacity_providers = [
{% for u in all %}
{% if u.machine.is_some() %}
aws_ecs_capacity_provider.{{ u.id }}.name,
{% endif %}
{% endfor %}
]
}
{% endif %}
# Names by which programs call each other.
resource "aws_service_discovery_http_namespace" "main" {
name = var.name
}
{% for u in all %}
# {{ u.about|comment }}
resource "aws_cloudwatch_log_group" "{{ u.id }}" {
name = "/${var.name}/{{ u.short }}"
retention_in_days = var.log_retention_days
kms_key_id = aws_kms_key.main.arn
}
resource "aws_ecs_task_definition" "{{ u.id }}" {
family = "${var.name}-{{ u.short }}"
requires_compatibilities = [{% if u.machine.is_some() %}"EC2"{% else %}"FARGATE"{% endif %}]
network_mode = "awsvpc"
cpu = {{ u.size.cpu }}
memory = {{ u.size.memory }}
execution_role_arn = aws_iam_role.{{ u.id }}__execution.arn
task_role_arn = aws_iam_role.{{ u.id }}__task.arn
runtime_platform {
cpu_architecture = {% if let Some(m) = u.machine %}{% if m.arm %}"ARM64"{% else %}"X86_64"{% endif %}{% else %}var.cpu_architecture{% endif %}
operating_system_family = "LINUX"
}
volume {
name = "tmp"
}
container_definitions = jsonencode([{
name = "{{ u.id }}"
image = {% if let Some(i) = u.image %}"{{ i }}"{% else %}var.{{ u.id }}_image{% endif %}
essential = true
readonlyRootFilesystem = true
mountPoints = [{ sourceVolume = "tmp", containerPath = "/tmp" }]
{% if u.serves %}
portMappings = [{ name = "main", containerPort = {{ u.port }}, protocol = "tcp" }]
{% endif %}
environment = [
{ name = "PORT", value = "{{ u.port }}" },
{% for e in u.gets.env %}
{ name = "{{ e.name }}", value = {{ e.value|safe }} },
{% endfor %}
]
{% if u.gets.shard_secrets.is_empty() %}
secrets = [
{% for x in u.gets.secrets %}
{ name = "{{ x.name }}", valueFrom = {{ x.value|safe }} },
{% endfor %}
]
{% else %}
secrets = concat(
{% for x in u.gets.secrets %}
[{ name = "{{ x.name }}", valueFrom = {{ x.value|safe }} }],
{% endfor %}
{% for x in u.gets.shard_secrets %}
[for k, arn in {{ x.value|safe }} : { name = "{{ x.name }}_${k}", valueFrom = arn }],
{% endfor %}
)
{% endif %}
linuxParameters = { initProcessEnabled = true }
logConfiguration = {
logDriver = "awslogs"
options = {
awslogs-group = aws_cloudwatch_log_group.{{ u.id }}.name
awslogs-region = var.region
awslogs-stream-prefix = "task"
mode = "non-blocking"
max-buffer-size = "4m"
}
}
}])
}
{% if let Some(m) = u.machine %}
# Machines of {{ u.id }}, one for each task.
resource "aws_launch_template" "{{ u.id }}" {
name = "${var.name}-{{ u.short }}"
image_id = data.aws_ssm_parameter.machines_{% if m.arm %}arm64{% else %}x86_64{% endif %}.insecure_value
instance_type = "{{ m.name }}"
update_default_version = true
vpc_security_group_ids = [aws_security_group.{{ group }}.id]
iam_instance_profile {
arn = aws_iam_instance_profile.machines.arn
}
metadata_options {
http_endpoint = "enabled"
http_tokens = "required"
http_put_response_hop_limit = 1
}
# Under the account's own key: the group that starts machines may not use another one.
block_device_mappings {
device_name = "/dev/xvda"
ebs {
volume_type = "gp3"
volume_size = {{ m.root_gib }}
encrypted = true
delete_on_termination = true
}
}
# It joins the cluster, keeps memory for itself, and tasks do not get its role.
user_data = base64encode(join("\n", [
"#!/bin/bash",
"echo 'ECS_CLUSTER=${aws_ecs_cluster.main.name}' >> /etc/ecs/ecs.config",
"echo 'ECS_RESERVED_MEMORY={{ self::RESERVED }}' >> /etc/ecs/ecs.config",
"echo 'ECS_AWSVPC_BLOCK_IMDS=true' >> /etc/ecs/ecs.config",
"",
]))
tag_specifications {
resource_type = "instance"
tags = { Name = "${var.name}-{{ u.short }}" }
}
tag_specifications {
resource_type = "volume"
tags = { Name = "${var.name}-{{ u.short }}" }
}
}
resource "aws_autoscaling_group" "{{ u.id }}" {
name = "${var.name}-{{ u.short }}"
min_size = {{ u.machines().0 }}
# A deployment starts new tasks, each on a machine of its own, before it stops old ones.
max_size = {{ u.machines().1 }}
desired_capacity = {{ u.count }}
vpc_zone_identifier = [for x in aws_subnet.private : x.id]
# ECS ends machines without tasks; nothing else does.
protect_from_scale_in = true
launch_template {
id = aws_launch_template.{{ u.id }}.id
version = aws_launch_template.{{ u.id }}.latest_version
}
tag {
key = "AmazonECSManaged"
value = "true"
propagate_at_launch = true
}
lifecycle {
ignore_changes = [desired_capacity]
}
depends_on = [
aws_iam_role_policy_attachment.machines,
aws_route.private_out,
aws_vpc_security_group_egress_rule.{{ group }}__out,
]
}
# AWS refuses names that begin with `aws`, `ecs` or `fargate`.
resource "aws_ecs_capacity_provider" "{{ u.id }}" {
name = "machines-${var.name}-{{ u.short }}"
auto_scaling_group_provider {
auto_scaling_group_arn = aws_autoscaling_group.{{ u.id }}.arn
managed_draining = "ENABLED"
managed_termination_protection = "ENABLED"
managed_scaling {
status = "ENABLED"
target_capacity = 100
minimum_scaling_step_size = 1
}
}
}
{% endif %}
resource "aws_ecs_service" "{{ u.id }}" {
name = "{{ u.short }}"
cluster = aws_ecs_cluster.main.id
task_definition = aws_ecs_task_definition.{{ u.id }}.arn
{% if u.machine.is_none() %}
launch_type = "FARGATE"
{% endif %}
desired_count = {{ u.count }}
availability_zone_rebalancing = "ENABLED"
enable_ecs_managed_tags = true
propagate_tags = "SERVICE"
deployment_minimum_healthy_percent = 100
deployment_maximum_percent = 200
{% if !u.targets.is_empty() %}
health_check_grace_period_seconds = 60
{% endif %}
{% if u.machine.is_some() %}
capacity_provider_strategy {
capacity_provider = aws_ecs_capacity_provider.{{ u.id }}.name
weight = 1
}
ordered_placement_strategy {
type = "spread"
field = "attribute:ecs.availability-zone"
}
placement_constraints {
type = "distinctInstance"
}
{% endif %}
deployment_circuit_breaker {
enable = true
rollback = true
}
network_configuration {
subnets = [for x in aws_subnet.private : x.id]
security_groups = [aws_security_group.{{ u.id }}.id]
assign_public_ip = false
}
{% for t in u.targets %}
load_balancer {
target_group_arn = aws_lb_target_group.{{ t.id }}.arn
container_name = "{{ u.id }}"
container_port = {{ u.port }}
}
{% endfor %}
service_connect_configuration {
enabled = true
namespace = aws_service_discovery_http_namespace.main.arn
{% if u.serves %}
service {
port_name = "main"
discovery_name = "{{ u.dns }}"
client_alias {
dns_name = "{{ u.dns }}"
port = {{ u.port }}
}
}
{% endif %}
}
{% if u.scale.is_some() %}
lifecycle {
ignore_changes = [desired_count]
}
{% endif %}
depends_on = [
aws_iam_role_policy.{{ u.id }}__execution,
{% if u.machine.is_some() %}
aws_ecs_cluster_capacity_providers.main,
{% endif %}
{% for t in u.targets %}
aws_lb_listener.{{ t.listener }},
{% endfor %}
]
}
{% if let Some((min, max, target)) = u.scale %}
resource "aws_appautoscaling_target" "{{ u.id }}" {
service_namespace = "ecs"
scalable_dimension = "ecs:service:DesiredCount"
resource_id = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.{{ u.id }}.name}"
min_capacity = {{ min }}
max_capacity = {{ max }}
}
resource "aws_appautoscaling_policy" "{{ u.id }}" {
name = "${var.name}-{{ u.short }}-cpu"
policy_type = "TargetTrackingScaling"
service_namespace = aws_appautoscaling_target.{{ u.id }}.service_namespace
scalable_dimension = aws_appautoscaling_target.{{ u.id }}.scalable_dimension
resource_id = aws_appautoscaling_target.{{ u.id }}.resource_id
target_tracking_scaling_policy_configuration {
target_value = {{ target }}
scale_in_cooldown = 300
scale_out_cooldown = 60
predefined_metric_specification {
predefined_metric_type = "ECSServiceAverageCPUUtilization"
}
}
}
{% endif %}
{% endfor %}
{% endblock %}
{% block iam %}
{% if self.on_machines() %}
# Machines under tasks: their agent joins the cluster. Tasks have roles of their own.
data "aws_iam_policy_document" "machines_trust" {
statement {
actions = ["sts:AssumeRole"]
principals {
type = "Service"
identifiers = ["ec2.amazonaws.com"]
}
}
}
resource "aws_iam_role" "machines" {
name = "${var.name}-machines"
assume_role_policy = data.aws_iam_policy_document.machines_trust.json
}
resource "aws_iam_role_policy_attachment" "machines" {
role = aws_iam_role.machines.name
policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}
resource "aws_iam_instance_profile" "machines" {
name = "${var.name}-machines"
role = aws_iam_role.machines.name
}
{% endif %}
data "aws_iam_policy_document" "tasks_trust" {
statement {
actions = ["sts:AssumeRole"]
principals {
type = "Service"
identifiers = ["ecs-tasks.amazonaws.com"]
}
condition {
test = "StringEquals"
variable = "aws:SourceAccount"
values = [data.aws_caller_identity.current.account_id]
}
}
}
{% for u in all %}
# {{ u.id }}: what the agent does before it runs, then what it does itself.
resource "aws_iam_role" "{{ u.id }}__execution" {
name = "${var.name}-{{ u.short }}-execution"
assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}
data "aws_iam_policy_document" "{{ u.id }}__execution" {
statement {
sid = "Logs"
actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
resources = ["${aws_cloudwatch_log_group.{{ u.id }}.arn}:*"]
}
# AWS has no narrower resource for this one.
statement {
sid = "Login"
actions = ["ecr:GetAuthorizationToken"]
resources = ["*"]
}
statement {
sid = "Images"
actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
resources = ["arn:${data.aws_partition.current.partition}:ecr:${var.region}:${data.aws_caller_identity.current.account_id}:repository/*"]
}
{% if !u.gets.readable.is_empty() %}
statement {
sid = "Secrets"
actions = ["secretsmanager:GetSecretValue"]
resources = concat(
{% for x in u.gets.readable %}
{{ x|safe }},
{% endfor %}
)
}
statement {
sid = "Key"
actions = ["kms:Decrypt"]
resources = [aws_kms_key.main.arn]
}
{% endif %}
}
resource "aws_iam_role_policy" "{{ u.id }}__execution" {
name = "execution"
role = aws_iam_role.{{ u.id }}__execution.id
policy = data.aws_iam_policy_document.{{ u.id }}__execution.json
}
resource "aws_iam_role" "{{ u.id }}__task" {
name = "${var.name}-{{ u.short }}-task"
assume_role_policy = data.aws_iam_policy_document.tasks_trust.json
}
{% if !u.gets.permissions.is_empty() %}
data "aws_iam_policy_document" "{{ u.id }}__task" {
{% for m in u.gets.permissions %}
statement {
actions = [
{% for a in m.actions %}
"{{ a }}",
{% endfor %}
]
resources = [
{% for x in m.resources %}
{{ x|safe }},
{% endfor %}
]
}
{% endfor %}
}
resource "aws_iam_role_policy" "{{ u.id }}__task" {
name = "task"
role = aws_iam_role.{{ u.id }}__task.id
policy = data.aws_iam_policy_document.{{ u.id }}__task.json
}
{% endif %}
{% endfor %}
{% endblock %}
{% block variables %}
{% for u in all %}
{% if u.image.is_none() %}
variable "{{ u.id }}_image" {
description = "Container image of {{ u.id }}: the design names none."
type = string
validation {
condition = length(var.{{ u.id }}_image) > 0
error_message = "An image, with a tag or a digest."
}
}
{% endif %}
{% endfor %}
{% endblock %}
{% block widgets %}
{% for u in all %}
{
type = "metric"
width = 12
height = 6
properties = {
title = "{{ u.id }}: CPU and memory"
region = var.region
period = 60
view = "timeSeries"
metrics = [
["AWS/ECS", "CPUUtilization", "ClusterName", aws_ecs_cluster.main.name, "ServiceName", aws_ecs_service.{{ u.id }}.name],
["AWS/ECS", "MemoryUtilization", "ClusterName", aws_ecs_cluster.main.name, "ServiceName", aws_ecs_service.{{ u.id }}.name],
]
}
},
{% endfor %}
{% endblock %}
