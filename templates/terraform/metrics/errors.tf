metric_query {
id = "share"
label = "Percent of answers that fail"
expression = "IF(requests > 0, 100 * (FILL(target, 0) + FILL(balancer, 0)) / requests, 0)"
return_data = true
}
metric_query {
id = "requests"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "RequestCount"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ id }}.arn_suffix
}
}
}
metric_query {
id = "target"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "HTTPCode_Target_5XX_Count"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ id }}.arn_suffix
}
}
}
metric_query {
id = "balancer"
metric {
namespace = "AWS/ApplicationELB"
metric_name = "HTTPCode_ELB_5XX_Count"
stat = "Sum"
period = 60
dimensions = {
LoadBalancer = aws_lb.{{ id }}.arn_suffix
}
}
}
