{% if !s.stores.is_empty() %}
resource "aws_db_subnet_group" "main" {
name = var.name
subnet_ids = [for x in aws_subnet.data : x.id]
}
{% endif %}
{% for d in s.stores %}
# {{ d.about|comment }}
resource "aws_db_parameter_group" "{{ d.id }}" {
name_prefix = "${var.name}-{{ d.short }}-"
family = "postgres17"
parameter {
name = "rds.force_ssl"
value = "1"
}
{% if let Some(n) = d.connections %}
parameter {
name = "max_connections"
value = "{{ n }}"
apply_method = "pending-reboot"
}
{% endif %}
lifecycle {
create_before_destroy = true
}
}
{% if d.own_login() %}
# RDS makes no read replica of a database whose password it keeps itself: the password is made
# here, goes to the secret and the database, and is neither in the plan nor in the state. To
# change it, raise both `_wo_version` in one go.
ephemeral "aws_secretsmanager_random_password" "{{ d.id }}" {
for_each = toset([{% for n in d.shards %}"{{ n }}"{% if !loop.last %}, {% endif %}{% endfor %}])
password_length = 40
exclude_punctuation = true
}
resource "aws_secretsmanager_secret" "{{ d.id }}__login" {
for_each = toset([{% for n in d.shards %}"{{ n }}"{% if !loop.last %}, {% endif %}{% endfor %}])
name_prefix = "${var.name}-{{ d.short }}-${each.key}-"
description = "The owner's login of {{ d.id }}, shard ${each.key}"
kms_key_id = aws_kms_key.main.arn
}
resource "aws_secretsmanager_secret_version" "{{ d.id }}__login" {
for_each = aws_secretsmanager_secret.{{ d.id }}__login
secret_id = each.value.id
secret_string_wo = jsonencode({
username = "owner"
password = ephemeral.aws_secretsmanager_random_password.{{ d.id }}[each.key].random_password
})
secret_string_wo_version = 1
}
# Read back, so that secret and database agree even if an apply stops between the two.
ephemeral "aws_secretsmanager_secret_version" "{{ d.id }}" {
for_each = aws_secretsmanager_secret_version.{{ d.id }}__login
secret_id = each.value.secret_id
}
{% endif %}
locals {
# Where the owner's login is, by shard.
{% if d.own_login() %}
{{ d.id }}_logins = { for k, x in aws_secretsmanager_secret.{{ d.id }}__login : k => x.arn }
{% else %}
{{ d.id }}_logins = { for k, x in aws_db_instance.{{ d.id }}_primary : k => x.master_user_secret[0].secret_arn }
{% endif %}
}
# By number, so that a shard that is added changes no other.
resource "aws_db_instance" "{{ d.id }}_primary" {
for_each = toset([{% for n in d.shards %}"{{ n }}"{% if !loop.last %}, {% endif %}{% endfor %}])
identifier = "${var.name}-{{ d.short }}-${each.key}"
engine = "postgres"
engine_version = "17"
instance_class = "{{ d.class }}"
allocated_storage = {{ d.gib }}
max_allocated_storage = {{ d.most }}
storage_type = "gp3"
storage_encrypted = {{ d.encrypted }}
{% if d.encrypted %}
kms_key_id = aws_kms_key.main.arn
{% endif %}
db_name = "main"
port = {{ d.port }}
username = "owner"
{% if d.own_login() %}
password_wo = jsondecode(ephemeral.aws_secretsmanager_secret_version.{{ d.id }}[each.key].secret_string).password
password_wo_version = 1
{% else %}
manage_master_user_password = true
master_user_secret_kms_key_id = aws_kms_key.main.arn
{% endif %}
iam_database_authentication_enabled = true
multi_az = {{ d.multi_az }}
db_subnet_group_name = aws_db_subnet_group.main.name
vpc_security_group_ids = [aws_security_group.{{ d.id }}.id]
publicly_accessible = false
parameter_group_name = aws_db_parameter_group.{{ d.id }}.name
auto_minor_version_upgrade = true
backup_retention_period = {{ d.keep }}
copy_tags_to_snapshot = true
deletion_protection = var.deletion_protection
skip_final_snapshot = !var.deletion_protection
final_snapshot_identifier = var.deletion_protection ? "${var.name}-{{ d.short }}-${each.key}-final" : null
enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
performance_insights_enabled = true
performance_insights_kms_key_id = aws_kms_key.main.arn
}
{% if !d.replicas.is_empty() %}
resource "aws_db_instance" "{{ d.id }}_replica" {
for_each = {
for pair in setproduct(keys(aws_db_instance.{{ d.id }}_primary), [{% for n in d.replicas %}"{{ n }}"{% if !loop.last %}, {% endif %}{% endfor %}]) :
"${pair[0]}-${pair[1]}" => pair[0]
}
identifier = "${var.name}-{{ d.short }}-r${each.key}"
replicate_source_db = aws_db_instance.{{ d.id }}_primary[each.value].identifier
instance_class = "{{ d.class }}"
max_allocated_storage = {{ d.most }}
storage_encrypted = {{ d.encrypted }}
iam_database_authentication_enabled = true
vpc_security_group_ids = [aws_security_group.{{ d.id }}.id]
publicly_accessible = false
parameter_group_name = aws_db_parameter_group.{{ d.id }}.name
auto_minor_version_upgrade = true
copy_tags_to_snapshot = true
deletion_protection = var.deletion_protection
# A replica holds nothing that its primary does not: no last snapshot.
skip_final_snapshot = true
enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
performance_insights_enabled = true
performance_insights_kms_key_id = aws_kms_key.main.arn
}
{% endif %}
{% endfor %}
{% if !s.caches.is_empty() %}
resource "aws_elasticache_subnet_group" "main" {
name = var.name
subnet_ids = [for x in aws_subnet.data : x.id]
}
{% endif %}
{% for c in s.caches %}
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
