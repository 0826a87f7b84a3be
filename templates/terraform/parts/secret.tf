{% block resources %}
{% for k in all %}
# {{ k.about|comment }}
# The value is put in by people: it is neither in a file nor in the state.
resource "aws_secretsmanager_secret" "{{ k.id }}" {
name_prefix = "${var.name}-{{ k.short }}-"
description = "{{ k.about }}"
kms_key_id = aws_kms_key.main.arn
}
{% endfor %}
{% endblock %}
{% block outputs %}
{% for k in all %}
output "{{ k.id }}_arn" {
description = "Secret to put a value into: {{ k.about }}"
value = aws_secretsmanager_secret.{{ k.id }}.arn
}
{% endfor %}
{% endblock %}
