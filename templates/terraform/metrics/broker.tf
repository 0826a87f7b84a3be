namespace = "AWS/Kafka"
metric_name = "CpuUser"
statistic = "Average"
period = 60
dimensions = {
"Cluster Name" = aws_msk_cluster.{{ id }}.cluster_name
"Broker ID" = each.key
}
