"""Tools for client developers beside the OpenAPI document: a Python client, a Postman collection, `llms.txt`."""
