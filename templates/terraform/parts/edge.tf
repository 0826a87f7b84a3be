{% block resources %}
data "aws_cloudfront_origin_request_policy" "all" {
name = "Managed-AllViewerExceptHostHeader"
}
data "aws_cloudfront_cache_policy" "optimized" {
name = "Managed-CachingOptimized"
}
data "aws_cloudfront_response_headers_policy" "security" {
name = "Managed-SecurityHeadersPolicy"
}
{% for e in all %}
# {{ e.about|comment }}
# `Authorization` is part of the key: an answer for one caller is never another's.
resource "aws_cloudfront_cache_policy" "{{ e.id }}" {
name = "${var.name}-{{ e.short }}"
min_ttl = 0
default_ttl = {{ e.ttl }}
max_ttl = 31536000
parameters_in_cache_key_and_forwarded_to_origin {
enable_accept_encoding_brotli = {{ e.compress }}
enable_accept_encoding_gzip = {{ e.compress }}
cookies_config {
cookie_behavior = "none"
}
headers_config {
header_behavior = "whitelist"
headers {
items = ["Authorization"]
}
}
query_strings_config {
query_string_behavior = "all"
}
}
}
{% for o in e.origins %}
{% if o.bucket %}
resource "aws_cloudfront_origin_access_control" "{{ e.id }}__{{ o.id }}" {
name = "${var.name}-{{ e.short }}-{{ loop.index0 }}"
origin_access_control_origin_type = "s3"
signing_behavior = "always"
signing_protocol = "sigv4"
}
{% endif %}
{% endfor %}
resource "aws_cloudfront_distribution" "{{ e.id }}" {
enabled = true
comment = "${var.name} {{ e.id }}"
http_version = "http2and3"
is_ipv6_enabled = true
aliases = lookup(var.edge_aliases, "{{ e.id }}", [])
price_class = "PriceClass_All"
{% if e.waf %}
web_acl_id = aws_wafv2_web_acl.{{ e.id }}.arn
{% endif %}
{% for o in e.origins %}
origin {
origin_id = "{{ o.id }}"
{% if o.bucket %}
domain_name = aws_s3_bucket.{{ o.id }}.bucket_regional_domain_name
origin_access_control_id = aws_cloudfront_origin_access_control.{{ e.id }}__{{ o.id }}.id
{% else if o.tls %}
domain_name = var.{{ o.id }}_domain_name
custom_origin_config {
http_port = 80
https_port = 443
origin_protocol_policy = "https-only"
origin_ssl_protocols = ["TLSv1.2"]
}
{% else %}
domain_name = aws_lb.{{ o.id }}.dns_name
custom_origin_config {
http_port = 80
https_port = 443
origin_protocol_policy = "http-only"
origin_ssl_protocols = ["TLSv1.2"]
}
{% endif %}
}
{% endfor %}
default_cache_behavior {
target_origin_id = "{{ e.default }}"
viewer_protocol_policy = "redirect-to-https"
compress = {{ e.compress }}
response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security.id
{% if e.default_bucket %}
allowed_methods = ["GET", "HEAD", "OPTIONS"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = data.aws_cloudfront_cache_policy.optimized.id
{% else %}
allowed_methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = aws_cloudfront_cache_policy.{{ e.id }}.id
origin_request_policy_id = data.aws_cloudfront_origin_request_policy.all.id
{% endif %}
}
{% for o in e.origins %}
{% for p in o.paths %}
ordered_cache_behavior {
path_pattern = "{{ p }}"
target_origin_id = "{{ o.id }}"
viewer_protocol_policy = "redirect-to-https"
compress = {{ e.compress }}
response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security.id
{% if o.bucket %}
allowed_methods = ["GET", "HEAD", "OPTIONS"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = data.aws_cloudfront_cache_policy.optimized.id
{% else %}
allowed_methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
cached_methods = ["GET", "HEAD"]
cache_policy_id = aws_cloudfront_cache_policy.{{ e.id }}.id
origin_request_policy_id = data.aws_cloudfront_origin_request_policy.all.id
{% endif %}
}
{% endfor %}
{% endfor %}
restrictions {
geo_restriction {
restriction_type = "none"
}
}
viewer_certificate {
acm_certificate_arn = var.edge_certificate_arn
cloudfront_default_certificate = var.edge_certificate_arn == null
minimum_protocol_version = var.edge_certificate_arn == null ? null : "TLSv1.2_2021"
ssl_support_method = var.edge_certificate_arn == null ? null : "sni-only"
}
}
{% if e.waf %}
# Firewalls of CloudFront live in us-east-1, wherever the rest is.
resource "aws_wafv2_web_acl" "{{ e.id }}" {
region = "us-east-1"
name = "${var.name}-{{ e.short }}"
scope = "CLOUDFRONT"
default_action {
allow {}
}
rule {
name = "common"
priority = 1
override_action {
none {}
}
statement {
managed_rule_group_statement {
vendor_name = "AWS"
name = "AWSManagedRulesCommonRuleSet"
}
}
visibility_config {
cloudwatch_metrics_enabled = true
metric_name = "${var.name}-{{ e.short }}-common"
sampled_requests_enabled = true
}
}
rule {
name = "bad-inputs"
priority = 2
override_action {
none {}
}
statement {
managed_rule_group_statement {
vendor_name = "AWS"
name = "AWSManagedRulesKnownBadInputsRuleSet"
}
}
visibility_config {
cloudwatch_metrics_enabled = true
metric_name = "${var.name}-{{ e.short }}-bad-inputs"
sampled_requests_enabled = true
}
}
visibility_config {
cloudwatch_metrics_enabled = true
metric_name = "${var.name}-{{ e.short }}"
sampled_requests_enabled = true
}
}
{% endif %}
{% endfor %}
{% endblock %}
{% block variables %}
variable "edge_aliases" {
description = "Your names of the distributions, by component; each needs a certificate."
type = map(list(string))
default = {}
}
variable "edge_certificate_arn" {
description = "Certificate in ACM, in us-east-1, for these names; none is CloudFront's own."
type = string
default = null
}
{% endblock %}
{% block outputs %}
{% for e in all %}
output "{{ e.id }}_distribution" {
description = "Name of the distribution {{ e.id }}."
value = aws_cloudfront_distribution.{{ e.id }}.domain_name
}
{% endfor %}
{% endblock %}
