#pragma once
// Lines for people.

#include <caf/actor.hpp>
#include <caf/send.hpp>
#include <string>

#include "actors/messages.hpp"
#include "federation/common/messages.hpp"

namespace hippocrypt::actors {

/// To whoever listens to `source` in this process.
inline void tell_note(const caf::actor& observer, const std::string& source, std::string text) {
  federation::Progress progress;
  progress.kind = federation::ProgressKind::note;
  progress.source = source;
  progress.text = std::move(text);
  caf::anon_send(observer, deliver_atom::value, frame_of(progress));
}

}  // namespace hippocrypt::actors
