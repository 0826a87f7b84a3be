{% block resources %}
{% for b in all %}
# {{ b.about|comment }}
resource "aws_s3_bucket" "{{ b.id }}" {
bucket_prefix = "${var.name}-{{ b.short }}-"
}
resource "aws_s3_bucket_public_access_block" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
block_public_acls = true
block_public_policy = true
ignore_public_acls = true
restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
rule {
object_ownership = "BucketOwnerEnforced"
}
}
resource "aws_s3_bucket_versioning" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
versioning_configuration {
status = "Enabled"
}
}
{% if !b.edges.is_empty() %}
# CloudFront reads it: with a key of one's own, that key would have to trust each distribution too.
{% endif %}
resource "aws_s3_bucket_server_side_encryption_configuration" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
rule {
bucket_key_enabled = true
apply_server_side_encryption_by_default {
{% if b.edges.is_empty() %}
sse_algorithm = "aws:kms"
kms_master_key_id = aws_kms_key.main.arn
{% else %}
sse_algorithm = "AES256"
{% endif %}
}
}
}
resource "aws_s3_bucket_lifecycle_configuration" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
rule {
id = "unfinished-and-replaced"
status = "Enabled"
filter {}
abort_incomplete_multipart_upload {
days_after_initiation = 7
}
noncurrent_version_expiration {
noncurrent_days = 30
}
}
{% if let Some((class, days)) = b.class %}
rule {
id = "class"
status = "Enabled"
filter {}
transition {
days = {{ days }}
storage_class = "{{ class }}"
}
}
{% endif %}
}
data "aws_iam_policy_document" "{{ b.id }}_bucket" {
statement {
sid = "TlsOnly"
effect = "Deny"
actions = ["s3:*"]
resources = [
aws_s3_bucket.{{ b.id }}.arn,
"${aws_s3_bucket.{{ b.id }}.arn}/*",
]
principals {
type = "*"
identifiers = ["*"]
}
condition {
test = "Bool"
variable = "aws:SecureTransport"
values = ["false"]
}
}
{% for e in b.edges %}
statement {
actions = ["s3:GetObject"]
resources = ["${aws_s3_bucket.{{ b.id }}.arn}/*"]
principals {
type = "Service"
identifiers = ["cloudfront.amazonaws.com"]
}
condition {
test = "StringEquals"
variable = "aws:SourceArn"
values = [aws_cloudfront_distribution.{{ e }}.arn]
}
}
{% endfor %}
}
resource "aws_s3_bucket_policy" "{{ b.id }}" {
bucket = aws_s3_bucket.{{ b.id }}.id
policy = data.aws_iam_policy_document.{{ b.id }}_bucket.json
depends_on = [aws_s3_bucket_public_access_block.{{ b.id }}]
}
{% endfor %}
{% endblock %}
{% block outputs %}
{% for b in all %}
output "{{ b.id }}_bucket" {
description = "Name of the bucket {{ b.id }}."
value = aws_s3_bucket.{{ b.id }}.bucket
}
{% endfor %}
{% endblock %}
