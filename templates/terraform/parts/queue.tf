{% block resources %}
{% for q in all %}
# {{ q.about|comment }}
{% if q.fan %}
# Each consumer gets every message: a topic, and a queue for each.
resource "aws_sns_topic" "{{ q.id }}_topic" {
name = "${var.name}-{{ q.short }}{% if q.fifo %}.fifo{% endif %}"
kms_master_key_id = aws_kms_key.main.arn
{% if q.fifo %}
fifo_topic = true
content_based_deduplication = true
{% endif %}
}
{% endif %}
{% for w in q.queues %}
resource "aws_sqs_queue" "{{ w.id }}_queue" {
name = "${var.name}-{{ w.short }}{% if q.fifo %}.fifo{% endif %}"
message_retention_seconds = {{ q.retention }}
receive_wait_time_seconds = 20
visibility_timeout_seconds = 60
kms_master_key_id = aws_kms_key.main.arn
kms_data_key_reuse_period_seconds = 300
{% if q.fifo %}
fifo_queue = true
content_based_deduplication = true
{% endif %}
{% if q.dead %}
redrive_policy = jsonencode({
deadLetterTargetArn = aws_sqs_queue.{{ w.id }}_dead.arn
maxReceiveCount = 5
})
{% endif %}
}
{% if q.dead %}
# What failed five times is kept here for people to look at.
resource "aws_sqs_queue" "{{ w.id }}_dead" {
name = "${var.name}-{{ w.short }}-dead{% if q.fifo %}.fifo{% endif %}"
message_retention_seconds = 1209600
kms_master_key_id = aws_kms_key.main.arn
kms_data_key_reuse_period_seconds = 300
{% if q.fifo %}
fifo_queue = true
{% endif %}
}
resource "aws_sqs_queue_redrive_allow_policy" "{{ w.id }}_dead" {
queue_url = aws_sqs_queue.{{ w.id }}_dead.id
redrive_allow_policy = jsonencode({
redrivePermission = "byQueue"
sourceQueueArns = [aws_sqs_queue.{{ w.id }}_queue.arn]
})
}
{% endif %}
{% if q.fan %}
resource "aws_sns_topic_subscription" "{{ w.id }}" {
topic_arn = aws_sns_topic.{{ q.id }}_topic.arn
protocol = "sqs"
endpoint = aws_sqs_queue.{{ w.id }}_queue.arn
raw_message_delivery = true
}
{% endif %}
data "aws_iam_policy_document" "{{ w.id }}_queue" {
{% if q.fan %}
statement {
sid = "Topic"
actions = ["sqs:SendMessage"]
resources = [aws_sqs_queue.{{ w.id }}_queue.arn]
principals {
type = "Service"
identifiers = ["sns.amazonaws.com"]
}
condition {
test = "ArnEquals"
variable = "aws:SourceArn"
values = [aws_sns_topic.{{ q.id }}_topic.arn]
}
}
{% endif %}
statement {
sid = "TlsOnly"
effect = "Deny"
actions = ["sqs:*"]
resources = [aws_sqs_queue.{{ w.id }}_queue.arn]
principals {
type = "*"
identifiers = ["*"]
}
condition {
test = "Bool"
variable = "aws:SecureTransport"
values = ["false"]
}
}
}
resource "aws_sqs_queue_policy" "{{ w.id }}_queue" {
queue_url = aws_sqs_queue.{{ w.id }}_queue.id
policy = data.aws_iam_policy_document.{{ w.id }}_queue.json
}
{% endfor %}
{% endfor %}
{% endblock %}
{% block alarms %}
{% for q in all %}
{% if q.dead %}
{% for w in q.queues %}
resource "aws_cloudwatch_metric_alarm" "{{ w.id }}__dead" {
alarm_name = "${var.name}-{{ w.short }}-dead"
alarm_description = "{{ w.id }}: a message failed again and again"
comparison_operator = "GreaterThanThreshold"
threshold = 0
evaluation_periods = 1
treat_missing_data = "notBreaching"
alarm_actions = [aws_sns_topic.alarms.arn]
ok_actions = [aws_sns_topic.alarms.arn]
namespace = "AWS/SQS"
metric_name = "ApproximateNumberOfMessagesVisible"
statistic = "Maximum"
period = 60
dimensions = {
QueueName = aws_sqs_queue.{{ w.id }}_dead.name
}
}
{% endfor %}
{% endif %}
{% endfor %}
{% endblock %}
{% block widgets %}
{% for q in all %}
{% for w in q.queues %}
{
type = "metric"
width = 12
height = 6
properties = {
title = "{{ w.id }}: age of the oldest message"
region = var.region
period = 60
view = "timeSeries"
metrics = [
["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.{{ w.id }}_queue.name, { stat = "Maximum" }],
]
}
},
{% endfor %}
{% endfor %}
{% endblock %}
