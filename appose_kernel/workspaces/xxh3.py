"""The hash XXH3 (64 bits, no seed), by which pixi names folders.

https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md#xxh3-algorithm-overview
"""

from __future__ import annotations

_M32 = 2**32 - 1
_M64 = 2**64 - 1
_PRIMES32 = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
_PRIMES64 = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_MIX = (0x165667919E3779F9, 0x9FB21C651E98DF25)
_SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)
_STRIPE = 64
_BLOCK = _STRIPE * ((192 - 64) // 8)


def digest(data: bytes) -> int:
    """The hash of ``data`` as a number."""
    size = len(data)
    if size == 0:
        return _avalanche64(_read(_SECRET, 56) ^ _read(_SECRET, 64))
    if size <= 3:
        return _of_three(data)
    if size <= 8:
        return _of_eight(data)
    if size <= 16:
        return _of_sixteen(data)
    if size <= 128:
        return _of_128(data)
    return _of_240(data) if size <= 240 else _of_many(data)


def _read(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _swap(value: int) -> int:
    return int.from_bytes(value.to_bytes(8, "little"), "big")


def _turn(value: int, by: int) -> int:
    return (value << by | value >> (64 - by)) & _M64


def _fold(one: int, other: int) -> int:
    product = one * other
    return (product & _M64) ^ (product >> 64)


def _avalanche(value: int) -> int:
    value = ((value ^ value >> 37) * _MIX[0]) & _M64
    return value ^ value >> 32


def _avalanche64(value: int) -> int:
    value = ((value ^ value >> 33) * _PRIMES64[1]) & _M64
    value = ((value ^ value >> 29) * _PRIMES64[2]) & _M64
    return value ^ value >> 32


def _of_three(data: bytes) -> int:
    size = len(data)
    combined = data[0] << 16 | data[size >> 1] << 24 | data[-1] | size << 8
    return _avalanche64(combined ^ _read(_SECRET, 0, 4) ^ _read(_SECRET, 4, 4))


def _of_eight(data: bytes) -> int:
    size = len(data)
    flip = _read(_SECRET, 8) ^ _read(_SECRET, 16)
    value = flip ^ (_read(data, size - 4, 4) + (_read(data, 0, 4) << 32))
    value ^= _turn(value, 49) ^ _turn(value, 24)
    value = (value * _MIX[1]) & _M64
    value = ((value ^ (value >> 35) + size) * _MIX[1]) & _M64
    return value ^ value >> 28


def _of_sixteen(data: bytes) -> int:
    size = len(data)
    low = _read(data, 0) ^ _read(_SECRET, 24) ^ _read(_SECRET, 32)
    high = _read(data, size - 8) ^ _read(_SECRET, 40) ^ _read(_SECRET, 48)
    return _avalanche((size + _swap(low) + high + _fold(low, high)) & _M64)


def _mixed(data: bytes, at: int, secret: int) -> int:
    return _fold(_read(data, at) ^ _read(_SECRET, secret), _read(data, at + 8) ^ _read(_SECRET, secret + 8))


def _of_128(data: bytes) -> int:
    size = len(data)
    total = size * _PRIMES64[0]
    for pair in range((size - 1) // 32 + 1):
        total += _mixed(data, 16 * pair, 32 * pair)
        total += _mixed(data, size - 16 * (pair + 1), 32 * pair + 16)
    return _avalanche(total & _M64)


def _of_240(data: bytes) -> int:
    size = len(data)
    total = size * _PRIMES64[0] + sum(_mixed(data, 16 * n, 16 * n) for n in range(8))
    total = _avalanche(total & _M64)
    total += sum(_mixed(data, 16 * n, 16 * (n - 8) + 3) for n in range(8, size // 16))
    return _avalanche((total + _mixed(data, size - 16, 136 - 17)) & _M64)


def _of_many(data: bytes) -> int:
    lanes = [_PRIMES32[2], *_PRIMES64[:4], _PRIMES32[1], _PRIMES64[4], _PRIMES32[0]]
    stripes = (len(data) - 1) // _STRIPE
    for number in range(stripes):
        within = number % (_BLOCK // _STRIPE)
        _accumulate(lanes, data, number * _STRIPE, within * 8)
        if within == _BLOCK // _STRIPE - 1:
            _scramble(lanes)
    _accumulate(lanes, data, len(data) - _STRIPE, 192 - _STRIPE - 7)
    total = len(data) * _PRIMES64[0]
    for n in range(4):
        secret = 11 + 16 * n
        total += _fold(lanes[2 * n] ^ _read(_SECRET, secret), lanes[2 * n + 1] ^ _read(_SECRET, secret + 8))
    return _avalanche(total & _M64)


def _accumulate(lanes: list[int], data: bytes, at: int, secret: int) -> None:
    for n in range(8):
        value = _read(data, at + 8 * n)
        key = value ^ _read(_SECRET, secret + 8 * n)
        lanes[n ^ 1] = (lanes[n ^ 1] + value) & _M64
        lanes[n] = (lanes[n] + (key & _M32) * (key >> 32)) & _M64


def _scramble(lanes: list[int]) -> None:
    for n, lane in enumerate(lanes):
        lanes[n] = ((lane ^ lane >> 47 ^ _read(_SECRET, 128 + 8 * n)) * _PRIMES32[0]) & _M64
