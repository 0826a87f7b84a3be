{% if s.watched() %}
resource "aws_sns_topic" "alarms" {
name = "${var.name}-alarms"
kms_master_key_id = aws_kms_key.main.arn
}
resource "aws_sns_topic_subscription" "alarms" {
for_each = var.alarm_email == null ? toset([]) : toset([var.alarm_email])
topic_arn = aws_sns_topic.alarms.arn
protocol = "email"
endpoint = each.value
}
{% endif %}
{% for a in s.alarms %}
resource "aws_cloudwatch_metric_alarm" "{{ a.id }}" {
{% if let Some(d) = a.store() %}
for_each = aws_db_instance.{{ d }}_primary
alarm_name = "${var.name}-{{ a.id }}-${each.key}"
{% else if let Some(c) = a.cache() %}
# ElastiCache names its nodes so.
for_each = toset([{% for x in s.cache_nodes(c) %}"{{ x }}"{% if !loop.last %}, {% endif %}{% endfor %}])
alarm_name = "${var.name}-{{ a.id }}-${each.key}"
{% else if let Some((_, nodes)) = a.broker() %}
for_each = toset([{% for n in nodes %}"{{ n }}"{% if !loop.last %}, {% endif %}{% endfor %}])
alarm_name = "${var.name}-{{ a.id }}-${each.key}"
{% else %}
alarm_name = "${var.name}-{{ a.id }}"
{% endif %}
alarm_description = "{{ a.of }}: {{ a.name }} above what the design promises"
comparison_operator = "GreaterThanThreshold"
threshold = {{ a.bound }}
evaluation_periods = 5
datapoints_to_alarm = 3
treat_missing_data = "notBreaching"
alarm_actions = [aws_sns_topic.alarms.arn]
ok_actions = [aws_sns_topic.alarms.arn]
{% if let Some(lb) = a.latency() %}
namespace = "AWS/ApplicationELB"
metric_name = "TargetResponseTime"
extended_statistic = "p99"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ lb }}.arn_suffix
}
{% else if let Some(lb) = a.errors() %}
metric_query {
id = "share"
label = "Percent of answers that fail"
expression = "IF(requests > 0, 100 * (FILL(target, 0) + FILL(balancer, 0)) / requests, 0)"
return_data = true
}
metric_query {
id = "requests"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "RequestCount"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ lb }}.arn_suffix
}
}
}
metric_query {
id = "target"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "HTTPCode_Target_5XX_Count"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ lb }}.arn_suffix
}
}
}
metric_query {
id = "balancer"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "HTTPCode_ELB_5XX_Count"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ lb }}.arn_suffix
}
}
}
{% else if let Some(unit) = a.cpu() %}
namespace = "AWS/ECS"
metric_name = "CPUUtilization"
statistic = "Average"
period = 60
dimensions = {
ClusterName = aws_ecs_cluster.main.name
ServiceName = aws_ecs_service.{{ unit }}.name
}
{% else if let Some(d) = a.store() %}
namespace = "AWS/RDS"
metric_name = "CPUUtilization"
statistic = "Average"
period = 60
dimensions = {
DBInstanceIdentifier = each.value.identifier
}
{% else if let Some(c) = a.cache() %}
namespace = "AWS/ElastiCache"
metric_name = "EngineCPUUtilization"
statistic = "Average"
period = 60
dimensions = {
CacheClusterId = "${aws_elasticache_replication_group.{{ c }}.id}-${each.key}"
}
{% else if let Some((b, _)) = a.broker() %}
namespace = "AWS/Kafka"
metric_name = "CpuUser"
statistic = "Average"
period = 60
dimensions = {
"Cluster Name" = aws_msk_cluster.{{ b }}.cluster_name
"Broker ID" = each.key
}
{% else if let Some(q) = a.age() %}
namespace = "AWS/SQS"
metric_name = "ApproximateAgeOfOldestMessage"
statistic = "Maximum"
period = 60
dimensions = {
QueueName = aws_sqs_queue.{{ q }}_queue.name
}
{% else %}
namespace = var.name
metric_name = "{{ a.id }}"
statistic = "Maximum"
period = 60
{% endif %}
}
{% endfor %}
{% if s.watched() %}
{% for d in s.stores %}
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
{% for q in s.queues %}
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
{% endif %}
{% for b in s.dashboards %}
resource "aws_cloudwatch_dashboard" "{{ b.id }}" {
dashboard_name = "${var.name}-{{ b.short }}"
dashboard_body = jsonencode({
widgets = [
{% for l in s.lbs %}
{
type = "metric"
width = 12
height = 6
properties = {
title = "{{ l.id }}: requests, failures and p99"
region = var.region
period = 60
view = "timeSeries"
metrics = [
["AWS/ApplicationELB", "RequestCount", "LoadBalancer", aws_lb.{{ l.id }}.arn_suffix, { stat = "Sum" }],
["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", aws_lb.{{ l.id }}.arn_suffix, { stat = "Sum" }],
["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", aws_lb.{{ l.id }}.arn_suffix, { stat = "p99", yAxis = "right" }],
]
}
},
{% endfor %}
{% for u in s.units %}
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
{% for d in s.stores %}
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
{% for q in s.queues %}
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
]
})
}
{% endfor %}
