#pragma once
// Whether the machine has room for what is foreseen, and a port to listen at.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/preflight/check.hpp"

namespace hippocrypt::cli {

/// Whether `folder`, or the nearest above it that is there, can be written and has so much free.
/// `what` is to be kept there ("hints and state").
Check check_disk(const std::filesystem::path& folder, std::uint64_t needed_bytes,
                 const std::string& what);

/// `available` as available_memory() says.
Check check_memory(std::uint64_t needed_bytes, std::optional<std::uint64_t> available);
/// What this process could still take, by the machine and by its control group; nothing where the
/// system does not say.
std::optional<std::uint64_t> available_memory();

/// Whether the port can be listened at; `address` is IPv4 or IPv6, port 0 is any free one.
Check check_own_port(const std::string& address, std::uint16_t port);

}  // namespace hippocrypt::cli
