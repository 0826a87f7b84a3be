{% for e in all %}
variable "{{ e.id }}_url" {
description = "Address of {{ e.about }}"
type = string
}
{% endfor %}
