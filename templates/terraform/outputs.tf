{% for b in s.buckets %}
output "{{ b.id }}_bucket" {
description = "Name of the bucket {{ b.id }}."
value = aws_s3_bucket.{{ b.id }}.bucket
}
{% endfor %}
{% for l in s.lbs %}
output "{{ l.id }}_dns_name" {
description = "Where your DNS should point for the balancer {{ l.id }}."
value = aws_lb.{{ l.id }}.dns_name
}
{% endfor %}
{% for e in s.edges %}
output "{{ e.id }}_distribution" {
description = "Name of the distribution {{ e.id }}."
value = aws_cloudfront_distribution.{{ e.id }}.domain_name
}
{% endfor %}
{% for d in s.stores %}
output "{{ d.id }}_addresses" {
description = "Primaries of {{ d.id }}, by shard."
value = { for k, d in aws_db_instance.{{ d.id }}_primary : k => d.address }
}
output "{{ d.id }}_login_arns" {
description = "Secrets with the owner's login of {{ d.id }}, by shard."
value = local.{{ d.id }}_logins
}
{% endfor %}
{% for b in s.brokers %}
output "{{ b.id }}_brokers" {
description = "Brokers of {{ b.id }}, for clients that sign in with IAM."
value = aws_msk_cluster.{{ b.id }}.bootstrap_brokers_sasl_iam
}
{% endfor %}
{% for k in s.secrets %}
output "{{ k.id }}_arn" {
description = "Secret to put a value into: {{ k.about }}"
value = aws_secretsmanager_secret.{{ k.id }}.arn
}
{% endfor %}
{% if s.networked() %}
output "vpc_id" {
description = "The network."
value = aws_vpc.main.id
}
{% endif %}
