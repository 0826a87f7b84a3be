{% for b in s.brokers %}
resource "aws_cloudwatch_log_group" "{{ b.id }}__broker" {
name = "/${var.name}/{{ b.short }}-brokers"
retention_in_days = var.log_retention_days
kms_key_id = aws_kms_key.main.arn
}
resource "aws_msk_configuration" "{{ b.id }}" {
name = "${var.name}-{{ b.short }}"
kafka_versions = ["3.8.x"]
server_properties = join("\n", [
{% for p in b.properties %}
"{{ p }}",
{% endfor %}
])
lifecycle {
create_before_destroy = true
}
}
resource "aws_msk_cluster" "{{ b.id }}" {
cluster_name = "${var.name}-{{ b.short }}"
kafka_version = "3.8.x"
number_of_broker_nodes = {{ b.nodes }}
enhanced_monitoring = "PER_TOPIC_PER_BROKER"
broker_node_group_info {
instance_type = "{{ b.class }}"
client_subnets = slice([for x in aws_subnet.data : x.id], 0, {{ b.subnets }})
security_groups = [aws_security_group.{{ b.id }}.id]
storage_info {
ebs_storage_info {
volume_size = {{ b.gib }}
}
}
}
client_authentication {
sasl {
iam = true
}
}
configuration_info {
arn = aws_msk_configuration.{{ b.id }}.arn
revision = aws_msk_configuration.{{ b.id }}.latest_revision
}
encryption_info {
encryption_at_rest_kms_key_arn = aws_kms_key.main.arn
encryption_in_transit {
client_broker = "TLS"
in_cluster = true
}
}
logging_info {
broker_logs {
cloudwatch_logs {
enabled = true
log_group = aws_cloudwatch_log_group.{{ b.id }}__broker.name
}
}
}
}
{% endfor %}
{% for q in s.queues %}
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
