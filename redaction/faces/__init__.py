"""Where faces are: three detectors that know nothing of each other."""

from redaction.faces.centerface import CenterFace
from redaction.faces.interface import FaceDetector, Found
from redaction.faces.libfacedetection import LibFaceDetection
from redaction.faces.looking import SURE, find_faces
from redaction.faces.mtcnn import Mtcnn

__all__ = ["SURE", "CenterFace", "FaceDetector", "Found", "LibFaceDetection", "Mtcnn", "find_faces"]
