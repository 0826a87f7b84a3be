variable "name" {
description = "First part of all names in AWS; a second copy in one account needs another one."
type = string
default = "{{ s.prefix }}"
validation {
condition = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 12
error_message = "At most 12 small letters, digits and single hyphens; a letter first."
}
}
variable "region" {
description = "The region; the zones are those of the design."
type = string
default = "{{ s.region }}"
}
{% if s.networked() %}
variable "vpc_cidr" {
description = "Addresses of the network; a /16, as its subnets are cut from it."
type = string
default = "10.0.0.0/16"
validation {
condition = can(cidrhost(var.vpc_cidr, 0)) && endswith(var.vpc_cidr, "/16")
error_message = "An IPv4 block of /16."
}
}
{% endif %}
{% if s.certificate() %}
variable "certificate_arn" {
description = "Certificate in ACM, in the region, that balancers show."
type = string
validation {
condition = startswith(var.certificate_arn, "arn:")
error_message = "The ARN of a certificate."
}
}
{% endif %}
{% for (_, x) in s.texts %}
{{ x.variables|safe }}
{% endfor %}
{% if s.fargate() %}
variable "cpu_architecture" {
description = "What the images of tasks on Fargate are built for; the design's cost is that of X86_64."
type = string
default = "X86_64"
validation {
condition = contains(["ARM64", "X86_64"], var.cpu_architecture)
error_message = "ARM64 or X86_64."
}
}
{% endif %}
{% if s.deletion_protection() %}
variable "deletion_protection" {
description = "Whether AWS refuses to delete databases and balancers, and keeps a last snapshot."
type = bool
default = true
}
{% endif %}
variable "log_retention_days" {
description = "How long logs are kept."
type = number
default = {{ s.watch.retention }}
validation {
condition = contains([1, 3, 7, 14, 30, 60, 90, 180, 365, 400, 731, 1827], var.log_retention_days)
error_message = "One of the periods that CloudWatch knows."
}
}
{% if s.watched() %}
variable "alarm_email" {
description = "Who is told of alarms; none tells nobody. Amazon asks the address first."
type = string
default = null
}
{% endif %}
