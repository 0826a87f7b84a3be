{% for (_, x) in s.texts %}
{{ x.outputs|safe }}
{% endfor %}
{% if s.networked() %}
output "vpc_id" {
description = "The network."
value = aws_vpc.main.id
}
{% endif %}
