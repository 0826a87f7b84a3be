{% block resources %}
resource "aws_elasticache_subnet_group" "main" {
name = var.name
subnet_ids = [for x in aws_subnet.data : x.id]
}
{% for c in all %}
# {{ c.about|comment }}
resource "aws_elasticache_parameter_group" "{{ c.id }}" {
name = "${var.name}-{{ c.short }}"
family = "valkey8"
parameter {
name = "maxmemory-policy"
value = "{{ c.policy }}"
}
{% if c.clustered() %}
parameter {
name = "cluster-enabled"
value = "yes"
}
{% endif %}
}
# Callers sign in with their own role: there is no password.
resource "aws_elasticache_user" "{{ c.id }}" {
user_id = "${var.name}-{{ c.short }}"
user_name = "${var.name}-{{ c.short }}"
engine = "valkey"
access_string = "on ~* +@all -@admin -@dangerous"
authentication_mode {
type = "iam"
}
}
resource "aws_elasticache_user_group" "{{ c.id }}" {
user_group_id = "${var.name}-{{ c.short }}"
engine = "valkey"
user_ids = [aws_elasticache_user.{{ c.id }}.user_id]
}
resource "aws_elasticache_replication_group" "{{ c.id }}" {
replication_group_id = "${var.name}-{{ c.short }}"
description = "${var.name} {{ c.id }}"
engine = "valkey"
engine_version = "8.0"
node_type = "{{ c.class }}"
port = {{ c.port }}
num_node_groups = {{ c.groups }}
replicas_per_node_group = {{ c.copies }}
automatic_failover_enabled = {{ c.clustered() || c.spread() }}
multi_az_enabled = {{ c.spread() }}
subnet_group_name = aws_elasticache_subnet_group.main.name
security_group_ids = [aws_security_group.{{ c.id }}.id]
parameter_group_name = aws_elasticache_parameter_group.{{ c.id }}.name
user_group_ids = [aws_elasticache_user_group.{{ c.id }}.user_group_id]
transit_encryption_enabled = true
at_rest_encryption_enabled = {{ c.encrypted }}
{% if c.encrypted %}
kms_key_id = aws_kms_key.main.arn
{% endif %}
auto_minor_version_upgrade = true
}
{% endfor %}
{% endblock %}
