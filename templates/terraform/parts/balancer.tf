{% block resources %}
{% for l in all %}
# {{ l.about|comment }}
resource "aws_lb" "{{ l.id }}" {
name = "${var.name}-{{ l.short }}"
load_balancer_type = "application"
internal = {{ l.internal }}
security_groups = [aws_security_group.{{ l.id }}.id]
subnets = [for x in aws_subnet.{% if l.internal %}private{% else %}public{% endif %} : x.id]
idle_timeout = {{ l.idle }}
drop_invalid_header_fields = true
enable_deletion_protection = var.deletion_protection
}
{% if l.tls %}
resource "aws_lb_listener" "{{ l.id }}" {
load_balancer_arn = aws_lb.{{ l.id }}.arn
port = 443
protocol = "HTTPS"
ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"
certificate_arn = var.certificate_arn
default_action {
type = "forward"
target_group_arn = aws_lb_target_group.{{ l.default }}.arn
}
}
resource "aws_lb_listener" "{{ l.id }}__redirect" {
load_balancer_arn = aws_lb.{{ l.id }}.arn
port = 80
protocol = "HTTP"
default_action {
type = "redirect"
redirect {
port = "443"
protocol = "HTTPS"
status_code = "HTTP_301"
}
}
}
{% else %}
resource "aws_lb_listener" "{{ l.id }}" {
load_balancer_arn = aws_lb.{{ l.id }}.arn
port = 80
protocol = "HTTP"
default_action {
type = "forward"
target_group_arn = aws_lb_target_group.{{ l.default }}.arn
}
}
{% endif %}
{% for t in l.targets %}
resource "aws_lb_target_group" "{{ t.id }}" {
name = "${var.name}-{{ t.short }}"
vpc_id = aws_vpc.main.id
target_type = "ip"
port = {{ t.port }}
protocol = "HTTP"
deregistration_delay = 30
load_balancing_algorithm_type = "{{ l.algorithm }}"
health_check {
path = "{{ t.health.path }}"
interval = {{ t.every }}
timeout = {{ t.wait }}
healthy_threshold = 2
unhealthy_threshold = 2
matcher = "200"
}
{% if l.sticky %}
stickiness {
type = "lb_cookie"
enabled = true
}
{% endif %}
}
{% for m in t.matches %}
resource "aws_lb_listener_rule" "{{ m.id }}" {
listener_arn = aws_lb_listener.{{ l.id }}.arn
priority = {{ m.priority }}
action {
type = "forward"
target_group_arn = aws_lb_target_group.{{ t.id }}.arn
}
condition {
path_pattern {
values = ["{{ m.path }}"]
}
}
{% if let Some(method) = m.method %}
condition {
http_request_method {
values = ["{{ method }}"]
}
}
{% endif %}
}
{% endfor %}
{% endfor %}
{% endfor %}
{% endblock %}
{% block variables %}
{% for l in all %}
{% if l.tls %}
variable "{{ l.id }}_domain_name" {
description = "Name under that certificate which your DNS resolves to the balancer {{ l.id }}."
type = string
}
{% endif %}
{% endfor %}
{% endblock %}
{% block outputs %}
{% for l in all %}
output "{{ l.id }}_dns_name" {
description = "Where your DNS should point for the balancer {{ l.id }}."
value = aws_lb.{{ l.id }}.dns_name
}
{% endfor %}
{% endblock %}
{% block widgets %}
{% for l in all %}
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
{% endblock %}
