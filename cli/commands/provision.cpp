// hippocrypt provision: an authority, requests of sites, certificates and the revocation list.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "base/random.hpp"
#include "cli/commands/commands.hpp"
#include "cli/provision/show.hpp"
#include "cli/provision/site_request.hpp"
#include "cli/support/output.hpp"
#include "net/provision/authority.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

struct ProvisionFlags {
  std::string federation, role, name, authority, out, target;
  std::vector<std::string> hosts, whom;
  unsigned days = 0;  ///< 0: none given
  bool json = false;
};

WallTime wall_time() { return std::chrono::system_clock::now(); }

void warn(const std::vector<std::string>& warnings) {
  for (const auto& warning : warnings) std::cerr << "warning: " << warning << '\n';
}

/// Errors about what was typed are usage errors.
Error as_usage(const Error& error) {
  const bool is_usage = error.code == Errc::out_of_range;
  return {is_usage ? Errc::invalid_config : error.code, error.detail};
}

Status init(const ProvisionFlags& flags) {
  SystemRandom random;
  const auto now = wall_time();
  const auto made = net::Authority::create(flags.out, flags.federation, flags.days, now, random);
  if (!made) return as_usage(made.error());
  const auto& facts = made->facts();
  if (flags.json) {
    print_json(std::cout, {{"authority", made->certificate_path().string()},
                           {"revoked", made->revoked_path().string()},
                           {"federation", facts.federation},
                           {"fingerprint", facts.fingerprint},
                           {"not_after", iso_time(facts.not_after)}});
    return {};
  }
  std::cout << fmt::format(
      "authority of the federation {}\n"
      "  fingerprint {}\n"
      "  valid until {}: no certificate outlives it\n"
      "every party gets {} and {}, and compares the fingerprint by phone\n"
      "{} signs who takes part: it stays here, with a copy of the folder in a safe\n",
      facts.federation, facts.fingerprint, expiry_text(facts.not_after, now),
      made->certificate_path().string(), made->revoked_path().string(),
      (std::filesystem::path{flags.out} / net::authority_key_file).string());
  return {};
}

Status request(const ProvisionFlags& flags) {
  const auto role = net::parse_role(flags.role);
  if (!role) return Error{Errc::invalid_config, "--role: " + role.error().detail};
  SystemRandom random;
  HIPPOCRYPT_TRY(
      const auto made,
      make_site_request({{flags.federation, *role, flags.name}, flags.hosts, flags.out}, random));
  if (flags.json) {
    ordered_json json{{"request", made.request.string()},
                      {"key", made.key.string()},
                      {"fingerprint", made.fingerprint},
                      {"is_new", made.is_new}};
    if (!made.signing_key.empty()) json["signing_key"] = made.signing_key.string();
    print_json(std::cout, json);
    return {};
  }
  std::cout << fmt::format(
      "request of {}{}\n"
      "  fingerprint {}\n"
      "the authority gets {}, and compares the fingerprint by phone\n"
      "{}{} never leave{} this machine\n",
      member_text({flags.federation, *role, flags.name}), made.is_new ? "" : ", as before",
      made.fingerprint, made.request.string(), made.key.string(),
      made.signing_key.empty() ? "" : " and " + made.signing_key.string(),
      made.signing_key.empty() ? "s" : "");
  return {};
}

/// Certificates of this identity that are still good.
std::vector<net::IssuedRecord> still_good(const std::vector<net::IssuedRecord>& issued,
                                          const net::Identity& identity, WallTime now) {
  std::vector<net::IssuedRecord> good;
  std::copy_if(issued.begin(), issued.end(), std::back_inserter(good), [&](const auto& record) {
    return record.facts.identity == identity && !record.is_revoked && record.facts.not_after > now;
  });
  return good;
}

Status sign(const ProvisionFlags& flags) {
  const std::filesystem::path source = flags.target;
  HIPPOCRYPT_TRY(const auto authority, net::Authority::open(flags.authority));
  HIPPOCRYPT_TRY(const Bytes bytes, read_file(source, net::max_pem_bytes));
  const auto asked = net::read_request(bytes);
  if (!asked) return Error{asked.error().code, source.string() + ": " + asked.error().detail};
  const auto& identity = asked->names.identity;
  const auto out = flags.out.empty() ? source.parent_path() / (identity.name + ".crt")
                                     : std::filesystem::path{flags.out};
  std::error_code ignored;
  if (std::filesystem::exists(out, ignored)) {
    return Error{Errc::io, out.string() +
                               " is there already and is not overwritten; move it away, "
                               "or --out names another file"};
  }
  HIPPOCRYPT_TRY(const auto before, net::Authority::issued(flags.authority));
  SystemRandom random;
  const auto now = wall_time();
  const auto days = flags.days == 0 ? std::nullopt : std::optional{flags.days};
  const auto issued = authority.sign(*asked, days, now, random);
  if (!issued) return as_usage(issued.error());
  HIPPOCRYPT_TRY_VOID(write_file_atomically(out, as_bytes(issued->pem)));
  std::vector<std::string> warnings;
  for (const auto& record : still_good(before, identity, now)) {
    warnings.push_back(fmt::format(
        "{} has another certificate that is still good, serial {}; revoke it unless this one "
        "renews it",
        party_text(identity), record.facts.serial));
  }
  if (flags.json) {
    ordered_json json = to_json(issued->facts);
    json["path"] = out.string();
    json["fingerprint"] = asked->fingerprint;
    print_json(std::cout, json);
  } else {
    std::cout << fmt::format(
        "{}\n"
        "  fingerprint {}: of the request; ask the site by phone for its own\n"
        "  valid until {}\n"
        "{}\n",
        member_text(identity), asked->fingerprint, expiry_text(issued->facts.not_after, now),
        out.string());
  }
  warn(warnings);
  return {};
}

/// The serial numbers that `who` means: one itself, a certificate's file, or all of a name.
Result<std::vector<std::string>> serials_of(const std::string& who,
                                            const std::vector<net::IssuedRecord>& issued) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(who, ignored)) {
    HIPPOCRYPT_TRY(const Bytes bytes, read_file(who, net::max_pem_bytes));
    const auto facts = net::facts_of_bytes(bytes);
    if (!facts) return Error{facts.error().code, who + ": " + facts.error().detail};
    return std::vector{facts->serial};
  }
  std::vector<std::string> serials;
  std::optional<net::Role> role;
  for (const auto& [facts, is_revoked] : issued) {
    if (facts.serial == who) return std::vector{who};
    if (facts.identity.name != who) continue;
    if (role && *role != facts.identity.role) {
      return Error{Errc::invalid_config,
                   who + " is the name of parties of two roles; name a serial number or a file"};
    }
    role = facts.identity.role;
    serials.push_back(facts.serial);
  }
  if (!serials.empty()) return serials;
  return Error{Errc::not_found, "the authority has signed nothing for " + who +
                                    ": a name, a serial number or a certificate's file is needed; "
                                    "'hippocrypt provision show' lists them"};
}

Status revoke(const ProvisionFlags& flags) {
  HIPPOCRYPT_TRY(const auto authority, net::Authority::open(flags.authority));
  HIPPOCRYPT_TRY(const auto issued, net::Authority::issued(flags.authority));
  std::vector<std::string> serials;
  for (const auto& who : flags.whom) {
    HIPPOCRYPT_TRY(const auto some, serials_of(who, issued));
    serials.insert(serials.end(), some.begin(), some.end());
  }
  HIPPOCRYPT_TRY_VOID(authority.revoke(serials, wall_time()));
  const std::string list = authority.revoked_path().string();
  if (flags.json) {
    print_json(std::cout, {{"revoked", serials}, {"list", list}});
    return {};
  }
  for (const auto& serial : serials) {
    const auto record = std::find_if(issued.begin(), issued.end(),
                                     [&](const auto& each) { return each.facts.serial == serial; });
    std::cout << "revoked: " << party_text(record->facts.identity) << ", serial " << serial << '\n';
  }
  std::cout << "every party gets " << list
            << " again, and its program a SIGHUP: until then the certificate is good there\n";
  return {};
}

Status show(const ProvisionFlags& flags) {
  HIPPOCRYPT_TRY(const Shown shown, show_provisioned(flags.target, wall_time()));
  if (flags.json) {
    print_json(std::cout, shown.json);
  } else {
    std::cout << shown.text;
  }
  warn(shown.warnings);
  return {};
}

using Action = Status (*)(const ProvisionFlags&);

CLI::App* add_action(CLI::App& app, const char* name, const char* help, Action action,
                     const std::shared_ptr<ProvisionFlags>& flags, int& exit_code) {
  CLI::App* command = app.add_subcommand(name, help);
  command->add_flag("--json", flags->json, "Print JSON");
  command->callback([flags, action, &exit_code] {
    const Status status = action(*flags);
    exit_code = status.has_value() ? exit_ok : report_error(std::cerr, status.error());
  });
  return command;
}

void add_authority(CLI::App& command, ProvisionFlags& flags) {
  command.add_option("--authority", flags.authority, "The authority's folder")->required();
}

}  // namespace

void add_provision(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand(
      "provision", "Make the certificates of a federation: init, request at each site, sign");
  command->require_subcommand(1);
  const auto flags = std::make_shared<ProvisionFlags>();
  const auto add = [&](const char* name, const char* help, Action action) {
    return add_action(*command, name, help, action, flags, exit_code);
  };
  CLI::App* part = add("init", "Make the federation's authority", init);
  part->add_option("--federation", flags->federation, "The federation's name")->required();
  part->add_option("--days", flags->days, "How long it lives: at least as long as the study")
      ->required();
  part->add_option("out", flags->out, "The folder to make")->required();

  part = add("request", "Make a site's keys, at the site, and the request for its certificate",
             request);
  part->add_option("--federation", flags->federation, "The federation's name")->required();
  part->add_option("--role", flags->role, "hospital, server or aggregator")->required();
  part->add_option("--name", flags->name, "The party's name")->required();
  part->add_option("--dns", flags->hosts,
                   "Host name or address by which it is called; repeatable, not for hospitals")
      ->allow_extra_args(false);
  part->add_option("out", flags->out, "The folder for them")->required();

  part = add("sign", "Sign a request, after its fingerprint was compared", sign);
  add_authority(*part, *flags);
  part->add_option("--days", flags->days, "How long it lives (default: as long as the authority)")
      ->check(CLI::PositiveNumber);
  part->add_option("--out", flags->out, "The certificate (default: NAME.crt beside the request)");
  part->add_option("request", flags->target, "The request")->required();

  part = add("revoke", "Put certificates on the revocation list", revoke);
  add_authority(*part, *flags);
  part->add_option("whom", flags->whom, "A party's name, a serial number or a certificate's file")
      ->required();

  part = add("show", "Say what a file or folder holds, and until when", show);
  part->add_option("target", flags->target,
                   "A certificate, a request, an authority's folder, or a folder of certificates")
      ->required();
  command->footer(
      "Example:\n"
      "  hippocrypt provision init --federation study --days 400 authority\n"
      "  hippocrypt provision request --federation study --role hospital --name st-anna st-anna\n"
      "  hippocrypt provision sign --authority authority st-anna/st-anna.csr\n"
      "  hippocrypt provision show authority");
}

}  // namespace hippocrypt::cli
