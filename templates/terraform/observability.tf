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
{% for a in s.watch.alarms %}
resource "aws_cloudwatch_metric_alarm" "{{ a.id }}" {
{% if let Some(each) = a.each() %}
{{ each|safe }}
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
{% if let Some(metric) = a.metric %}
{{ metric.body|safe }}
{% else %}
namespace = var.name
metric_name = "{{ a.id }}"
statistic = "Maximum"
period = 60
{% endif %}
}
{% endfor %}
{% if s.watched() %}
{% for (_, x) in s.texts %}
{{ x.alarms|safe }}
{% endfor %}
{% endif %}
{% for b in s.watch.dashboards %}
resource "aws_cloudwatch_dashboard" "{{ b.id }}" {
dashboard_name = "${var.name}-{{ b.short }}"
dashboard_body = jsonencode({
widgets = [
{% for (_, x) in s.texts %}
{{ x.widgets|safe }}
{% endfor %}
]
})
}
{% endfor %}
