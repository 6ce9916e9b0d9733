"""The names by which one stack refers to a resource of another: composed of the stage and a name, never exported."""

from aws_cdk import Aws

from infra.settings import Settings

ALIAS = "live"


def function_name(settings: Settings, operation: str) -> str:
    """The name of the function of an operation."""
    return f"{settings.name}-{operation}"


def function_arn(settings: Settings, operation: str) -> str:
    """The ARN of a function by its name; `*` stands for all functions of the stage."""
    return _arn("lambda", f"function:{function_name(settings, operation)}")


def called_arn(settings: Settings, operation: str) -> str:
    """The ARN by which callers call a function: that of its alias where it has one."""
    alias = f":{ALIAS}" if settings.has_alias(operation) else ""
    return f"{function_arn(settings, operation)}{alias}"


def base_url_parameter(settings: Settings) -> str:
    """The SSM parameter with the URL that links begin with."""
    return f"/invoicing/{settings.stage}/base-url"


def base_url_arn(settings: Settings) -> str:
    """The ARN of that parameter."""
    return _arn("ssm", f"parameter{base_url_parameter(settings)}")


def replica_bucket_name(settings: Settings) -> str:
    """The bucket in another region with the replica of the files. It stays when the stage changes the region."""
    return f"{settings.name}-replica-{settings.replica_region}-{Aws.ACCOUNT_ID}"


def replica_bucket_arn(settings: Settings) -> str:
    """The ARN of that bucket."""
    return f"arn:{Aws.PARTITION}:s3:::{replica_bucket_name(settings)}"


def throttled_metric(settings: Settings) -> str:
    """The metric of requests that the gateway refused with status 429. A filter of logs adds no fixed dimensions."""
    return f"ThrottledRequests-{settings.stage}"


def alarm_topic_name(settings: Settings) -> str:
    """The SNS topic that all alarms of the stage publish to."""
    return f"{settings.name}-alarms"


def alarm_topic_arn(settings: Settings) -> str:
    """The ARN of that topic."""
    return _arn("sns", alarm_topic_name(settings))


def alarm_arn(name: str) -> str:
    """The ARN of an alarm."""
    return _arn("cloudwatch", f"alarm:{name}")


def _arn(service: str, resource: str) -> str:
    return f"arn:{Aws.PARTITION}:{service}:{Aws.REGION}:{Aws.ACCOUNT_ID}:{resource}"
