#pragma once
// The threads that the actors of a process share.

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

namespace hippocrypt::actors {

/// Two threads that sleep until there is a message. Those of CAF's default policy look for one
/// every 50 µs for a while after the last: that much later do they see the next one that a link
/// brings, and they keep cores from links and training.
inline caf::actor_system_config& with_few_threads(caf::actor_system_config& config) {
  return config.set("scheduler.policy", caf::atom("sharing")).set("scheduler.max-threads", 2);
}

}  // namespace hippocrypt::actors
