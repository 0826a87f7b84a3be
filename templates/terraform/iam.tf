{% if s.has_units() %}
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
{% endif %}
{% for u in s.units %}
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
{% if !u.reads.is_empty() %}
statement {
sid = "Secrets"
actions = ["secretsmanager:GetSecretValue"]
resources = concat(
{% for x in u.reads %}
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
{% if !u.may.is_empty() %}
data "aws_iam_policy_document" "{{ u.id }}__task" {
{% for m in u.may %}
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
{% if s.networked() %}
data "aws_iam_policy_document" "flow_logs_trust" {
statement {
actions = ["sts:AssumeRole"]
principals {
type = "Service"
identifiers = ["vpc-flow-logs.amazonaws.com"]
}
condition {
test = "StringEquals"
variable = "aws:SourceAccount"
values = [data.aws_caller_identity.current.account_id]
}
}
}
resource "aws_iam_role" "flow_logs" {
name = "${var.name}-flow-logs"
assume_role_policy = data.aws_iam_policy_document.flow_logs_trust.json
}
data "aws_iam_policy_document" "flow_logs" {
statement {
actions = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
resources = ["${aws_cloudwatch_log_group.flow_logs.arn}:*"]
}
}
resource "aws_iam_role_policy" "flow_logs" {
name = "logs"
role = aws_iam_role.flow_logs.id
policy = data.aws_iam_policy_document.flow_logs.json
}
{% endif %}
