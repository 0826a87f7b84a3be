namespace = "AWS/RDS"
metric_name = "CPUUtilization"
statistic = "Average"
period = 60
dimensions = {
DBInstanceIdentifier = each.value.identifier
}
