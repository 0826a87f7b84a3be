data "aws_iam_policy_document" "scheduler_trust" {
statement {
actions = ["sts:AssumeRole"]
principals {
type = "Service"
identifiers = ["scheduler.amazonaws.com"]
}
condition {
test = "StringEquals"
variable = "aws:SourceAccount"
values = [data.aws_caller_identity.current.account_id]
}
}
}
{% for c in all %}
# {{ c.about|comment }}
resource "aws_scheduler_schedule" "{{ c.id }}" {
name = "${var.name}-{{ c.short }}"
schedule_expression = "{{ c.expression }}"
schedule_expression_timezone = "UTC"
kms_key_arn = aws_kms_key.main.arn
flexible_time_window {
mode = "OFF"
}
target {
arn = aws_ecs_cluster.main.arn
role_arn = aws_iam_role.{{ c.id }}__scheduler.arn
input = jsonencode({
containerOverrides = [{
name = "{{ c.task }}"
environment = [{ name = "SCHEDULE", value = "{{ c.name }}" }]
}]
})
ecs_parameters {
task_definition_arn = aws_ecs_task_definition.{{ c.task }}.arn
{% if c.on_machine %}
capacity_provider_strategy {
capacity_provider = aws_ecs_capacity_provider.{{ c.task }}.name
weight = 1
}
{% else %}
launch_type = "FARGATE"
{% endif %}
task_count = 1
network_configuration {
subnets = [for x in aws_subnet.private : x.id]
security_groups = [aws_security_group.{{ c.task }}.id]
assign_public_ip = false
}
}
retry_policy {
maximum_event_age_in_seconds = 3600
maximum_retry_attempts = 3
}
}
}
resource "aws_iam_role" "{{ c.id }}__scheduler" {
name = "${var.name}-{{ c.short }}-scheduler"
assume_role_policy = data.aws_iam_policy_document.scheduler_trust.json
}
data "aws_iam_policy_document" "{{ c.id }}__scheduler" {
statement {
actions = ["ecs:RunTask"]
resources = ["${aws_ecs_task_definition.{{ c.task }}.arn_without_revision}:*"]
condition {
test = "ArnEquals"
variable = "ecs:cluster"
values = [aws_ecs_cluster.main.arn]
}
}
statement {
actions = ["iam:PassRole"]
resources = [
aws_iam_role.{{ c.task }}__execution.arn,
aws_iam_role.{{ c.task }}__task.arn,
]
}
statement {
actions = ["kms:Decrypt"]
resources = [aws_kms_key.main.arn]
}
}
resource "aws_iam_role_policy" "{{ c.id }}__scheduler" {
name = "run"
role = aws_iam_role.{{ c.id }}__scheduler.id
policy = data.aws_iam_policy_document.{{ c.id }}__scheduler.json
}
{% endfor %}
