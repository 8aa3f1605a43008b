#pragma once
// How the process keeps memory.

namespace hippocrypt {

/// Asks the C library to keep freed blocks instead of returning them to the system. Ciphertexts,
/// answers and pads are blocks of megabytes that come and go with every product; the page faults of
/// getting them anew cost as much as the arithmetic (benchmarks/README.md). Blocks above 32 MiB,
/// the most that glibc allows, are returned all the same. Call it once at the start of a program;
/// no effect with other C libraries.
void keep_freed_memory();

}  // namespace hippocrypt
