namespace = "AWS/ECS"
metric_name = "CPUUtilization"
statistic = "Average"
period = 60
dimensions = {
ClusterName = aws_ecs_cluster.main.name
ServiceName = aws_ecs_service.{{ id }}.name
}
