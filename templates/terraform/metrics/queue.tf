namespace = "AWS/SQS"
metric_name = "ApproximateAgeOfOldestMessage"
statistic = "Maximum"
period = 60
dimensions = {
QueueName = aws_sqs_queue.{{ id }}_queue.name
}
