# One group for each component; for each edge of the design one rule at either end.
{% for g in s.groups %}
resource "aws_security_group" "{{ g.id }}" {
name = "${var.name}-{{ g.short }}"
description = "{{ g.about }}"
vpc_id = aws_vpc.main.id
tags = { Name = "${var.name}-{{ g.short }}" }
}
{% endfor %}
{% if s.behind_edge() %}
data "aws_ec2_managed_prefix_list" "cloudfront" {
name = "com.amazonaws.global.cloudfront.origin-facing"
}
{% endif %}
{% for r in s.rules %}
resource "aws_vpc_security_group_{% if r.ingress %}ingress{% else %}egress{% endif %}_rule" "{{ r.id }}" {
security_group_id = aws_security_group.{{ r.group }}.id
description = "{{ r.about }}"
{% if let Some(p) = r.peer %}
referenced_security_group_id = aws_security_group.{{ p }}.id
{% endif %}
{% if let Some(c) = r.cidr %}
cidr_ipv4 = "{{ c }}"
{% endif %}
{% if let Some(p) = r.prefix_list %}
prefix_list_id = {{ p }}
{% endif %}
ip_protocol = "tcp"
from_port = {{ r.port }}
to_port = {{ r.port }}
}
{% endfor %}
