namespace = "AWS/ApplicationELB"
metric_name = "TargetResponseTime"
extended_statistic = "p99"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ id }}.arn_suffix
}
