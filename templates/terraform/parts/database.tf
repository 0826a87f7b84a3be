{% block resources %}
resource "aws_db_subnet_group" "main" {
name = var.name
subnet_ids = [for x in aws_subnet.data : x.id]
}
{% for d in all %}
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
max_allocated_storage = {{ d.max_gib }}
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
max_allocated_storage = {{ d.max_gib }}
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
{% endblock %}
{% block outputs %}
{% for d in all %}
output "{{ d.id }}_addresses" {
description = "Primaries of {{ d.id }}, by shard."
value = { for k, d in aws_db_instance.{{ d.id }}_primary : k => d.address }
}
output "{{ d.id }}_login_arns" {
description = "Secrets with the owner's login of {{ d.id }}, by shard."
value = local.{{ d.id }}_logins
}
{% endfor %}
{% endblock %}
{% block alarms %}
{% for d in all %}
resource "aws_cloudwatch_metric_alarm" "{{ d.id }}__free_storage" {
for_each = aws_db_instance.{{ d.id }}_primary
alarm_name = "${var.name}-{{ d.short }}-${each.key}-free-storage"
alarm_description = "{{ d.id }} shard ${each.key}: less than a tenth of its first volume is free"
comparison_operator = "LessThanThreshold"
threshold = {{ d.gib }} * 1024 * 1024 * 1024 / 10
evaluation_periods = 3
treat_missing_data = "missing"
alarm_actions = [aws_sns_topic.alarms.arn]
ok_actions = [aws_sns_topic.alarms.arn]
namespace = "AWS/RDS"
metric_name = "FreeStorageSpace"
statistic = "Minimum"
period = 300
dimensions = {
DBInstanceIdentifier = each.value.identifier
}
}
{% endfor %}
{% endblock %}
{% block widgets %}
{% for d in all %}
{
type = "metric"
width = 12
height = 6
properties = {
title = "{{ d.id }}: CPU and connections"
region = var.region
period = 60
view = "timeSeries"
metrics = concat(
[for d in values(aws_db_instance.{{ d.id }}_primary) : ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", d.identifier]],
[for d in values(aws_db_instance.{{ d.id }}_primary) : ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", d.identifier]],
)
}
},
{% endfor %}
{% endblock %}
