#include "apps/usage_error.h"

#include <charconv>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "apps/config/config_node.h"
#include "apps/files/file_error.h"
#include "envs/env_options.h"

namespace fleet {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) {
    names.push_back(sub->get_name());
  }
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

/// The subcommand that was typed, the innermost one; `app` itself if none was.
const CLI::App& chosen(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : chosen(*parsed.front());
}

std::string unexpected(const CLI::App& app, const CLI::App& sub) {
  const std::string word = app.remaining(true).front();
  const std::string shown = files::one_line(word);
  if (word.starts_with("-")) {
    return "no option is called '" + shown + "'" + config::suggest(word, option_names(sub));
  }
  if (&sub == &app || !sub.get_subcommands({}).empty()) {
    return "no command is called '" + shown + "'" + config::suggest(word, command_names(sub));
  }
  return "'" + shown + "' was not expected";
}

}  // namespace

CLI::Validator whole_number(std::int64_t least, std::int64_t most) {
  const auto problem = [least, most](const std::string& text) -> std::string {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool is_good = error == std::errc{} && stop == end && value >= least && value <= most;
    return is_good ? ""
           : most == kNoLimit
               ? fmt::format("'{}' is no whole number of {} or more", text, least)
               : fmt::format("'{}' is no whole number of {} to {}", text, least, most);
  };
  return {problem,
          most == kNoLimit ? fmt::format(">= {}", least) : fmt::format("{} to {}", least, most)};
}

CLI::Validator env_count() { return whole_number(1, envs::EnvOptions::kMaxEnvs); }

CLI::Validator thread_count(int least) {
  return whole_number(least, envs::EnvOptions::kMaxThreads);
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& sub = chosen(app);
  const std::string problem =
      !app.remaining(true).empty() ? unexpected(app, sub) : files::one_line(error.what(), 400);
  std::string command = "./" + app.get_name();
  for (const CLI::App* at = &app; at != &sub;) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  return problem + "; see " + command + " --help";
}

}  // namespace fleet
