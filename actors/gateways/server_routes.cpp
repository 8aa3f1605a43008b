#include "actors/gateways/server_routes.hpp"

#include <algorithm>

#include "actors/gateways/link_messages.hpp"
#include "protocol/core/error_frame.hpp"
#include "protocol/core/messages.hpp"
#include "protocol/core/request_block.hpp"

namespace hippocrypt::actors {
namespace {

using protocol::error_frame;

std::string name_of(const ServerRoutes::Server& server) {
  return "the blind server " + server.name + " (" + describe(server.blocks) + ")";
}

/// Of a setup, with hints or without.
std::vector<protocol::SiteEntry> sites_of(ByteView reply) {
  const auto frame = protocol::open_frame(reply);
  if (!frame) return {};
  if (frame->type == protocol::MessageType::setup_reply) {
    auto setup = protocol::decode<protocol::SetupReply>(*frame);
    if (setup) return std::move(setup->sites);
  }
  if (frame->type == protocol::MessageType::setup_table) {
    auto setup = protocol::decode<protocol::SetupTable>(*frame);
    if (setup) return std::move(setup->sites);
  }
  return {};
}

/// A setup lists what the server holds, which must be what its hospital takes it to hold: otherwise
/// requests would go to one server under another's masks.
Status check_setup(ByteView reply, const protocol::BlockRange& blocks) {
  if (blocks == protocol::BlockRange{}) return {};
  const auto sites = sites_of(reply);
  if (sites.empty()) return {};  // no setup, or a damaged one: whoever asked will see
  protocol::BlockRange found{sites.front().block, 0};
  for (const auto& site : sites) found.last = std::max(found.last, site.block);
  const bool any_last = blocks.last == protocol::BlockRange{}.last;
  if (found.first == blocks.first && (any_last || found.last == blocks.last)) return {};
  return Error{Errc::mismatch, "it holds " + describe(found) + ", but this site takes it to hold " +
                                   describe(blocks) + ": set blocks of its [[server]] to the same"};
}

}  // namespace

ServerRoutes::ServerRoutes(Options options) : options_{std::move(options)} {
  for (const Server& server : options_.servers) lines_.emplace_back().server = server;
}

ServerRoutes::~ServerRoutes() {
  for (Line& line : lines_) {
    for (auto& [id, pending] : line.pending) {
      pending.answer(error_frame({Errc::unavailable, "this hospital is stopping"}));
    }
  }
}

void ServerRoutes::ask(SharedBytes request, Answer answer, Clock::time_point now) {
  const auto block = protocol::request_block(*request);
  if (!block) return answer(error_frame(block.error()));
  Line* const line = line_of(*block);
  if (line == nullptr) {
    return answer(
        error_frame({Errc::not_found, "no [[server]] of this site holds block " +
                                          std::to_string(*block) + "; they hold " + all_blocks()}));
  }
  line->pending[++last_id_] = {std::move(request), std::move(answer), now + options_.deadline};
  pump(*line);
}

void ServerRoutes::hear(std::size_t server, const net::LinkPointer& link,
                        const net::Message& message) {
  Line& line = lines_.at(server);
  const bool is_reply = static_cast<LinkMessageType>(message.type) == LinkMessageType::reply;
  if (link != line.link || !is_reply) return;
  const auto found = line.pending.find(message.id);
  if (found == line.pending.end() || !found->second.is_sent) return;  // too late, or never asked
  const Answer answer = std::move(found->second.answer);
  line.pending.erase(found);
  --line.sent;
  pump(line);
  if (!message.body) {
    return answer(error_frame({Errc::malformed, line.server.name + " sent an empty reply"}));
  }
  const Status fits = check_setup(*message.body, line.server.blocks);
  if (!fits) {
    return answer(error_frame({fits.error().code, line.server.name + ": " + fits.error().detail}));
  }
  answer(message.body);
}

void ServerRoutes::expire(Clock::time_point now) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.deadline).count();
  for (Line& line : lines_) {
    const std::string who = name_of(line.server);
    std::vector<Answer> late;
    for (auto each = line.pending.begin(); each != line.pending.end();) {
      if (each->second.until > now) {
        ++each;
        continue;
      }
      if (each->second.is_sent) --line.sent;
      late.push_back(std::move(each->second.answer));
      each = line.pending.erase(each);
    }
    const bool gone = line.link == nullptr || line.is_lost;
    for (const Answer& answer : late) {
      answer(gone ? error_frame({Errc::unavailable, who + " has not been reachable for " +
                                                        std::to_string(seconds) +
                                                        " s: " + line.reason})
                  : error_frame({Errc::deadline,
                                 who + " gave no answer in " + std::to_string(seconds) + " s"}));
    }
    pump(line);
  }
}

void ServerRoutes::up(std::size_t server, const net::LinkPointer& link) {
  Line& line = lines_.at(server);
  line.link = link;
  line.sent = 0;
  for (auto& [id, pending] : line.pending) pending.is_sent = false;
  find(line);
  pump(line);
}

void ServerRoutes::down(std::size_t server, const net::LinkPointer& link, const Error& reason) {
  Line& line = lines_.at(server);
  if (link != line.link) return;  // another session is there already
  line.link = nullptr;
  lose(line, reason);
}

void ServerRoutes::cut(std::size_t server, const Error& reason) { lose(lines_.at(server), reason); }

void ServerRoutes::resumed(std::size_t server) { find(lines_.at(server)); }

void ServerRoutes::refused(std::size_t server, const Error& reason) {
  lose(lines_.at(server), reason);
}

std::size_t ServerRoutes::waiting() const {
  std::size_t sum = 0;
  for (const Line& line : lines_) sum += line.pending.size();
  return sum;
}

ServerRoutes::Line* ServerRoutes::line_of(std::uint32_t block) {
  const auto found = std::find_if(lines_.begin(), lines_.end(), [block](const Line& line) {
    return line.server.blocks.holds(block);
  });
  return found == lines_.end() ? nullptr : &*found;
}

std::string ServerRoutes::all_blocks() const {
  std::string text;
  for (const Line& line : lines_) {
    text += (text.empty() ? "" : ", ") + describe(line.server.blocks);
  }
  return text;
}

/// Sends what may be sent, oldest first.
void ServerRoutes::pump(Line& line) {
  if (line.link == nullptr) return;
  for (auto& [id, pending] : line.pending) {
    if (line.sent >= options_.in_flight) return;
    if (pending.is_sent) continue;
    net::Message message = link_message(LinkMessageType::request, Frame{pending.request}, id);
    // What cannot be sent now stays: its turn comes with the next reply, session or second.
    if (!line.link->send(net::Lane::data, std::move(message))) return;
    pending.is_sent = true;
    ++line.sent;
  }
}

/// Names the server once, however often it is lost before it is back.
void ServerRoutes::lose(Line& line, const Error& reason) {
  line.reason = reason.detail;
  if (line.is_lost) return;
  line.is_lost = true;
  tell(line, (line.was_up ? " is lost: " : " cannot be reached yet: ") + reason.detail);
}

void ServerRoutes::find(Line& line) {
  line.was_up = true;
  if (!line.is_lost) return;
  line.is_lost = false;
  tell(line, " is there");
}

void ServerRoutes::tell(const Line& line, const std::string& text) const {
  if (!options_.note) return;
  options_.note(name_of(line.server) + text +
                "; requests waiting for it: " + std::to_string(line.pending.size()));
}

}  // namespace hippocrypt::actors
