"""ffmpeg with x264: the encoder alone, fed finished frames from the page cache, start to end in one piece."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from animap.encode import Mp4
from benchmarks.frames import Finished

__all__ = ["binary", "encode", "settings", "similarity"]


@cache
def binary() -> str:
    """The user's own ffmpeg, else the one that the wheel of imageio-ffmpeg brings."""
    import imageio_ffmpeg

    return shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe()


def settings(fps: int) -> list[str]:
    """Those of animap's `Mp4`: quality, distance of key frames, format, colour tags; and x264's `medium`,
    to which `map` is to be equal in quality and size.

    Not taken over: what animap sets to join segments and to be reproducible, which only costs time.
    """
    return [
        *("-c:v", "libx264", "-preset", "medium", "-crf", "18", "-profile:v", "high"),
        *("-g", str(int(Mp4().max_gop * fps))),
        *("-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"),
        *("-color_range", "tv", "-movflags", "+faststart"),
    ]


def encode(finished: Finished, out: Path) -> list[str]:
    """Command that encodes finished frames."""
    convert = "scale=in_color_matrix=bt709:in_range=pc:out_color_matrix=bt709:out_range=tv"
    return [
        *(binary(), "-y", "-v", "error", *_raw(finished)),
        *("-vf", convert, *settings(finished.fps), str(out)),
    ]


def similarity(film: Path, finished: Finished, every: int) -> float:
    """SSIM of a film to the lossless frames, in RGB, over every so many frames."""
    thin = f"select=not(mod(n\\,{every})),setpts=N/{finished.fps}/TB"
    graph = (
        f"[0:v]{thin},scale=in_color_matrix=bt709:in_range=tv:out_range=pc,format=gbrp[film];"
        f"[1:v]{thin},format=gbrp[frames];[film][frames]ssim"
    )
    command = [binary(), "-i", str(film), *_raw(finished), "-lavfi", graph, "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    found = re.search(r"SSIM .*All:([\d.]+)", said)
    if not found:
        raise RuntimeError(f"ffmpeg told no SSIM: {said[-500:]}")
    return float(found[1])


def _raw(finished: Finished) -> list[str]:
    size = f"{finished.width}x{finished.height}"
    return [
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", str(finished.fps)),
        *("-i", str(finished.path)),
    ]
