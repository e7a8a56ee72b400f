"""Looks at the ONNX files of a folder with tools that share nothing with the library.

Each file goes through onnx.checker with full shape inference and is written again by the official library. Where X.input.json
stands beside X.onnx, OpenCV runs the model on these samples, one after the other. The answer is a line of JSON.
"""
import glob, json, os, sys

import onnx

try:
    import cv2
    import numpy
except ImportError:
    cv2 = None

report = {"opencv": cv2 is not None, "files": {}}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx"))):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    known = {value.name for value in list(inferred.graph.value_info) + list(inferred.graph.output)}
    unknown = [name for node in model.graph.node for name in node.output if name and name not in known]
    facts = {"bytes": os.path.getsize(path), "officialBytes": len(model.SerializeToString()), "unknownShapes": unknown}
    samples = path.replace(".onnx", ".input.json")
    if cv2 is not None and os.path.exists(samples):
        network = cv2.dnn.readNetFromONNX(path)
        facts["logits"] = []
        for sample in json.load(open(samples)):
            network.setInput(numpy.array(sample, dtype=numpy.float32), "input")
            facts["logits"].append(network.forward("logits").flatten().tolist())
    report["files"][os.path.basename(path)] = facts
print(json.dumps(report))
