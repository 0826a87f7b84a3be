{% block resources %}
{% for b in all %}
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
{% endblock %}
{% block outputs %}
{% for b in all %}
output "{{ b.id }}_brokers" {
description = "Brokers of {{ b.id }}, for clients that sign in with IAM."
value = aws_msk_cluster.{{ b.id }}.bootstrap_brokers_sasl_iam
}
{% endfor %}
{% endblock %}
