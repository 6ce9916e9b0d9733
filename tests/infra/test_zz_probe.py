from tests.infra.test_costs import *
from collections import Counter
import tests.infra.test_costs as T
class Show:
    def __init__(s,v): pass
def test_probe(lived, aws):
    out=[]
    for k,v in lived.items(): out.append(f'    "{k}": _units({v.writes}, "{v.reads}"),')
    vals=[]
    T.pytest.approx=lambda v,rel: (type("A",(),{"__eq__":lambda s,o: vals.append(o) or True})())
    T.test_what_one_life_leaves_and_tells_is_what_the_costs_count(lived,aws)
    out.append(str(vals))
    n=Counter((c.by,c.name) for c in aws.calls if c.by)
    out.append(str([(k,v) for k,v in n.items() if "dynamodb" not in k[1]]))
    for i in sorted(client("dynamodb").scan(TableName=TABLE)["Items"],key=lambda i:i["PK"]["S"]+i["SK"]["S"]):
        out.append(f"{size(i):6d} {i.get('entity')} {i['SK']['S'][:8]}")
    open('/tmp/costs_scratch/out.txt','w').write("\n".join(out))
