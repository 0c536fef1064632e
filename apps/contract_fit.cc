#include "apps/contract_fit.h"

#include <algorithm>

#include <fmt/format.h>

namespace fleet {
namespace {

using Terms = std::vector<ObservationTerm>;

std::string text_of(const Terms& terms, std::size_t i) {
  return i < terms.size() ? fmt::format("{} ({})", terms[i].name, terms[i].dim) : "nothing";
}

std::string text_of(const std::vector<std::string>& names, std::size_t i) {
  return i < names.size() ? names[i] : "nothing";
}

/// Where two lists begin to differ, in words; "" if they do not.
template <class List>
std::string first_difference(const char* what, const List& trained, const List& judged) {
  for (std::size_t i = 0; i < std::max(trained.size(), judged.size()); ++i) {
    if (text_of(trained, i) != text_of(judged, i)) {
      return fmt::format("{} {} is {} instead of {}", what, i, text_of(judged, i),
                         text_of(trained, i));
    }
  }
  return {};
}

bool equal_scales(const Terms& a, const Terms& b) {
  return std::ranges::equal(a, b, {}, &ObservationTerm::scale, &ObservationTerm::scale);
}

}  // namespace

ContractFit compare_contracts(const envs::EnvSpec& trained, const envs::EnvSpec& judged) {
  ContractFit fit;
  const ObservationGroup& seen = trained.observations[0];
  const ObservationGroup& shown = judged.observations[0];
  const PolicyContract& a = trained.contract;
  const PolicyContract& b = judged.contract;
  const std::string terms = first_difference("observation term", seen.terms, shown.terms);
  const std::string names = first_difference("action", a.action_names, b.action_names);
  if (seen.dim() != shown.dim() || !names.empty()) {
    fit.misfit = seen.dim() != shown.dim() ? terms : names;
    return fit;
  }
  const auto add_if = [&](bool differs, const char* name) {
    if (differs) {
      fit.differences.emplace_back(name);
    }
  };
  add_if(!terms.empty(), "observation terms");
  add_if(!equal_scales(seen.terms, shown.terms), "observation scales");
  add_if(a.control_period != b.control_period, "control_period");
  add_if(a.action_scale != b.action_scale, "action_scale");
  add_if(a.action_offset != b.action_offset, "action_offset");
  add_if(a.action_bound != b.action_bound, "action_bound");
  add_if(a.stiffness != b.stiffness, "stiffness");
  add_if(a.damping != b.damping, "damping");
  add_if(a.effort_limit != b.effort_limit, "effort_limit");
  return fit;
}

}  // namespace fleet
