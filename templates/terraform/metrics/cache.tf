namespace = "AWS/ElastiCache"
metric_name = "EngineCPUUtilization"
statistic = "Average"
period = 60
dimensions = {
CacheClusterId = "${aws_elasticache_replication_group.{{ id }}.id}-${each.key}"
}
