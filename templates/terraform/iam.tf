{% for (_, x) in s.texts %}
{{ x.iam|safe }}
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
