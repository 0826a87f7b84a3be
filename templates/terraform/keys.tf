# One key for all that is kept. `kms:*` for the account itself is how AWS wants a key to begin:
# without it nobody could ever change the policy.
data "aws_iam_policy_document" "key" {
statement {
sid = "Account"
actions = ["kms:*"]
resources = ["*"]
principals {
type = "AWS"
identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
}
}
statement {
sid = "Services"
actions = ["kms:Decrypt", "kms:GenerateDataKey*"]
resources = ["*"]
principals {
type = "Service"
identifiers = ["cloudwatch.amazonaws.com", "sns.amazonaws.com"]
}
condition {
test = "StringEquals"
variable = "aws:SourceAccount"
values = [data.aws_caller_identity.current.account_id]
}
}
statement {
sid = "Logs"
actions = ["kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
resources = ["*"]
principals {
type = "Service"
identifiers = ["logs.${var.region}.amazonaws.com"]
}
condition {
test = "ArnLike"
variable = "kms:EncryptionContext:aws:logs:arn"
values = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${data.aws_caller_identity.current.account_id}:*"]
}
}
}
resource "aws_kms_key" "main" {
description = "What ${var.name} keeps"
enable_key_rotation = true
deletion_window_in_days = 30
policy = data.aws_iam_policy_document.key.json
}
resource "aws_kms_alias" "main" {
name = "alias/${var.name}"
target_key_id = aws_kms_key.main.key_id
}
