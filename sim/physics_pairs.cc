#include "sim/physics_pairs.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

namespace fleet::sim {
namespace {

using physics::FrictionRule;
using physics::GeomPair;

/// Two geoms of a pair; `explicit_pair` is its row in the model's pair_* arrays, or -1.
struct Candidate {
  int geom1 = 0, geom2 = 0;
  int explicit_pair = -1;
};

/// As mjModel.pair_signature.
int signature(int body1, int body2) {
  return (std::min(body1, body2) << 16) + std::max(body1, body2);
}

/// The geom of the smaller type comes first.
Candidate by_type(const mjModel& model, int geom1, int geom2, int explicit_pair = -1) {
  if (model.geom_type[geom1] > model.geom_type[geom2]) {
    std::swap(geom1, geom2);
  }
  return {geom1, geom2, explicit_pair};
}

/// MuJoCo has no collision function for planes and height fields among themselves.
bool has_collider(const mjModel& model, const Candidate& candidate) {
  return model.geom_type[candidate.geom2] > mjGEOM_HFIELD;
}

/// Whether geoms of two bodies may touch at all; a weld group is a body and what is fixed to it.
bool bodies_may_touch(const mjModel& model, int body1, int body2) {
  const int weld1 = model.body_weldid[body1];
  const int weld2 = model.body_weldid[body2];
  if (weld1 == weld2 || (model.body_dofnum[weld1] == 0 && model.body_dofnum[weld2] == 0)) {
    return false;
  }
  const bool filter_parent = (model.opt.disableflags & mjDSBL_FILTERPARENT) == 0;
  const int parent1 = model.body_weldid[model.body_parentid[weld1]];
  const int parent2 = model.body_weldid[model.body_parentid[weld2]];
  if (filter_parent && weld1 != 0 && weld2 != 0 && (weld1 == parent2 || weld2 == parent1)) {
    return false;
  }
  const int* begin = model.exclude_signature;
  const int* end = begin + model.nexclude;
  return std::find(begin, end, signature(body1, body2)) == end;
}

bool masks_match(const mjModel& model, const Candidate& candidate) {
  const auto matches = [&](int a, int b) {
    return (model.geom_contype[a] & model.geom_conaffinity[b]) != 0;
  };
  return matches(candidate.geom1, candidate.geom2) || matches(candidate.geom2, candidate.geom1);
}

/// Pairs that the model lists itself, in the order of their bodies; no filter applies to them.
std::vector<Candidate> explicit_pairs(const mjModel& model) {
  std::vector<Candidate> candidates;
  for (int i = 0; i < model.npair; ++i) {
    candidates.push_back(by_type(model, model.pair_geom1[i], model.pair_geom2[i], i));
  }
  const auto order = [&](const Candidate& a, const Candidate& b) {
    return model.pair_signature[a.explicit_pair] < model.pair_signature[b.explicit_pair];
  };
  std::stable_sort(candidates.begin(), candidates.end(), order);
  return candidates;
}

bool is_listed(const std::vector<Candidate>& listed, const Candidate& candidate) {
  return std::any_of(listed.begin(), listed.end(), [&](const Candidate& other) {
    return std::minmax(other.geom1, other.geom2) == std::minmax(candidate.geom1, candidate.geom2);
  });
}

/// The pairs of two bodies that the model does not list itself. With its midphase, MuJoCo sorts
/// contacts by geom; without, it goes through the geoms of one body, then of the other.
std::vector<Candidate> pairs_of_bodies(const mjModel& model, int body1, int body2,
                                       const std::vector<Candidate>& listed) {
  std::vector<Candidate> candidates;
  const auto geoms = [&](int body) {
    return std::pair(model.body_geomadr[body], model.body_geomnum[body]);
  };
  const auto [first1, num1] = geoms(body1);
  const auto [first2, num2] = geoms(body2);
  for (int i = first1; i < first1 + num1; ++i) {
    for (int j = first2; j < first2 + num2; ++j) {
      const Candidate candidate = by_type(model, i, j);
      if (masks_match(model, candidate) && !is_listed(listed, candidate)) {
        candidates.push_back(candidate);
      }
    }
  }
  if ((model.opt.disableflags & mjDSBL_MIDPHASE) == 0) {
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) {
                       return std::pair(a.geom1, a.geom2) < std::pair(b.geom1, b.geom2);
                     });
  }
  return candidates;
}

/// All pairs, by body pair; of the same bodies those that the model lists itself come first.
std::vector<Candidate> all_candidates(const mjModel& model) {
  const std::vector<Candidate> listed = explicit_pairs(model);
  std::vector<Candidate> candidates;
  auto next_listed = listed.begin();
  const auto take_listed = [&](std::int64_t last_signature) {
    for (; next_listed != listed.end() &&
           model.pair_signature[next_listed->explicit_pair] <= last_signature;
         ++next_listed) {
      candidates.push_back(*next_listed);
    }
  };
  for (int body1 = 0; body1 < model.nbody; ++body1) {
    for (int body2 = body1 + 1; body2 < model.nbody; ++body2) {
      if (bodies_may_touch(model, body1, body2)) {
        take_listed(signature(body1, body2));
        const auto found = pairs_of_bodies(model, body1, body2, listed);
        candidates.insert(candidates.end(), found.begin(), found.end());
      }
    }
  }
  take_listed(INT64_MAX);
  std::erase_if(candidates,
                [&](const Candidate& candidate) { return !has_collider(model, candidate); });
  return candidates;
}

/// The most points in which two geoms touch; 0 if the engine cannot collide them.
int max_points(const mjModel& model, const Candidate& candidate) {
  const int type1 = model.geom_type[candidate.geom1];
  const int type2 = model.geom_type[candidate.geom2];
  static const std::map<std::pair<int, int>, int> kPoints = {
      {{mjGEOM_PLANE, mjGEOM_SPHERE}, 1},     {{mjGEOM_PLANE, mjGEOM_CAPSULE}, 2},
      {{mjGEOM_PLANE, mjGEOM_ELLIPSOID}, 1},  {{mjGEOM_PLANE, mjGEOM_CYLINDER}, 4},
      {{mjGEOM_PLANE, mjGEOM_BOX}, 4},        {{mjGEOM_SPHERE, mjGEOM_SPHERE}, 1},
      {{mjGEOM_SPHERE, mjGEOM_CAPSULE}, 1},   {{mjGEOM_SPHERE, mjGEOM_BOX}, 1},
      {{mjGEOM_CAPSULE, mjGEOM_CAPSULE}, 2},  {{mjGEOM_CAPSULE, mjGEOM_BOX}, 2},
      {{mjGEOM_BOX, mjGEOM_BOX}, 8},          {{mjGEOM_SPHERE, mjGEOM_ELLIPSOID}, 1},
      {{mjGEOM_SPHERE, mjGEOM_CYLINDER}, 1},  {{mjGEOM_CAPSULE, mjGEOM_ELLIPSOID}, 1},
      {{mjGEOM_CAPSULE, mjGEOM_CYLINDER}, 2},
  };
  const bool multiccd = (model.opt.disableflags & mjDSBL_MULTICCD) == 0;
  if (type1 == mjGEOM_CAPSULE && type2 == mjGEOM_CYLINDER && !multiccd) {
    return 1;
  }
  const auto found = kPoints.find({type1, type2});
  return found == kPoints.end() ? 0 : found->second;
}

const char* type_name(int type) {
  constexpr std::array kNames = {"plane",    "height field", "sphere", "capsule", "ellipsoid",
                                 "cylinder", "box",          "mesh",   "sdf"};
  return kNames.at(static_cast<std::size_t>(type));
}

std::string name_of_geom(const mjModel& model, int geom) {
  const char* name = mj_id2name(&model, mjOBJ_GEOM, geom);
  return name != nullptr ? "\"" + std::string(name) + "\"" : "geom " + std::to_string(geom);
}

bool is_adhesive(const mjModel& model, const Candidate& candidate) {
  return candidate.explicit_pair >= 0
             ? model.pair_adhesion[candidate.explicit_pair] != 0
             : model.geom_adhesion[candidate.geom1] + model.geom_adhesion[candidate.geom2] != 0;
}

void require_supported(const mjModel& model, const std::vector<Candidate>& candidates) {
  struct Example {
    std::string geoms;
    int count = 0;
  };
  std::map<std::string, Example> unsupported;
  const auto add = [&](const std::string& kind, const Candidate& candidate) {
    Example& example = unsupported[kind];
    if (++example.count == 1) {
      example.geoms =
          name_of_geom(model, candidate.geom1) + " and " + name_of_geom(model, candidate.geom2);
    }
  };
  for (const Candidate& candidate : candidates) {
    const int type1 = model.geom_type[candidate.geom1];
    const int type2 = model.geom_type[candidate.geom2];
    if (max_points(model, candidate) == 0) {
      add(std::string("collision of ") + type_name(type1) + " with " + type_name(type2), candidate);
    }
    if (is_adhesive(model, candidate)) {
      add("adhesion", candidate);
    }
  }
  if (unsupported.empty()) {
    return;
  }
  std::string message;
  for (const auto& [kind, example] : unsupported) {
    message += (message.empty() ? "" : ", ") + kind + " (" + example.geoms;
    message += example.count == 1 ? ")" : ", " + std::to_string(example.count) + " pairs)";
  }
  throw std::runtime_error(message);
}

template <class T, std::size_t kSize>
std::array<T, kSize> cast(const mjtNum* from) {
  std::array<T, kSize> to;
  for (std::size_t i = 0; i < kSize; ++i) {
    to[i] = static_cast<T>(from[i]);
  }
  return to;
}

/// The share of geom1 in a mixture.
mjtNum mixing_weight(mjtNum solmix1, mjtNum solmix2) {
  if (solmix1 < mjMINVAL || solmix2 < mjMINVAL) {
    return solmix1 >= mjMINVAL ? 1.0 : (solmix2 >= mjMINVAL ? 0.0 : 0.5);
  }
  return solmix1 / (solmix1 + solmix2);
}

/// Fills in what geoms of the same priority share.
template <class T>
void mix_parameters(const mjModel& model, GeomPair<T>& pair) {
  pair.condim = std::max(model.geom_condim[pair.geom1], model.geom_condim[pair.geom2]);
  pair.friction_rule = FrictionRule::kLarger;
  const mjtNum weight = mixing_weight(model.geom_solmix[pair.geom1], model.geom_solmix[pair.geom2]);
  const auto mixed = [&](mjtNum a, mjtNum b) {
    return static_cast<T>(weight * a + (1 - weight) * b);
  };
  const mjtNum* solref1 = model.geom_solref + mjNREF * pair.geom1;
  const mjtNum* solref2 = model.geom_solref + mjNREF * pair.geom2;
  const bool standard = solref1[0] > 0 && solref2[0] > 0;
  for (std::size_t i = 0; i < mjNREF; ++i) {
    pair.solref[i] =
        standard ? mixed(solref1[i], solref2[i]) : static_cast<T>(std::min(solref1[i], solref2[i]));
  }
  for (std::size_t i = 0; i < mjNIMP; ++i) {
    pair.solimp[i] = mixed(model.geom_solimp[mjNIMP * pair.geom1 + static_cast<int>(i)],
                           model.geom_solimp[mjNIMP * pair.geom2 + static_cast<int>(i)]);
  }
}

template <class T>
void take_parameters_of(const mjModel& model, int geom, GeomPair<T>& pair) {
  pair.condim = model.geom_condim[geom];
  pair.friction_rule = geom == pair.geom1 ? FrictionRule::kFirst : FrictionRule::kSecond;
  pair.solref = cast<T, mjNREF>(model.geom_solref + mjNREF * geom);
  pair.solimp = cast<T, mjNIMP>(model.geom_solimp + mjNIMP * geom);
}

template <class T>
void take_explicit_parameters(const mjModel& model, int i, GeomPair<T>& pair) {
  pair.condim = model.pair_dim[i];
  pair.friction_rule = FrictionRule::kOfPair;
  pair.friction = cast<T, 5>(model.pair_friction + 5 * i);
  for (T& friction : pair.friction) {
    friction = std::max(friction, static_cast<T>(mjMINMU));
  }
  pair.solref = cast<T, mjNREF>(model.pair_solref + mjNREF * i);
  pair.solreffriction = cast<T, mjNREF>(model.pair_solreffriction + mjNREF * i);
  pair.solimp = cast<T, mjNIMP>(model.pair_solimp + mjNIMP * i);
  pair.margin = static_cast<T>(model.pair_margin[i]);
  pair.gap = static_cast<T>(model.pair_gap[i]);
}

template <class T>
void set_parameters(const mjModel& model, const Candidate& candidate, GeomPair<T>& pair) {
  if (candidate.explicit_pair >= 0) {
    take_explicit_parameters(model, candidate.explicit_pair, pair);
    return;
  }
  pair.margin = static_cast<T>(model.geom_margin[pair.geom1] + model.geom_margin[pair.geom2]);
  pair.gap = static_cast<T>(model.geom_gap[pair.geom1] + model.geom_gap[pair.geom2]);
  const int priority1 = model.geom_priority[pair.geom1];
  const int priority2 = model.geom_priority[pair.geom2];
  if (priority1 == priority2) {
    mix_parameters(model, pair);
  } else {
    take_parameters_of(model, priority1 > priority2 ? pair.geom1 : pair.geom2, pair);
  }
}

/// Dofs that move one of two bodies but not the other, ascending.
std::vector<int> columns_of(const mjModel& model, int body1, int body2) {
  std::vector<char> moves(static_cast<std::size_t>(model.nv), 0);
  for (int body : {body1, body2}) {
    for (; body > 0; body = model.body_parentid[body]) {
      for (int i = 0; i < model.body_dofnum[body]; ++i) {
        moves[static_cast<std::size_t>(model.body_dofadr[body] + i)] ^= 1;
      }
    }
  }
  std::vector<int> columns;
  for (int dof = 0; dof < model.nv; ++dof) {
    if (moves[static_cast<std::size_t>(dof)] != 0) {
      columns.push_back(dof);
    }
  }
  return columns;
}

}  // namespace

template <class T>
CollisionPairs<T> make_collision_pairs(const mjModel& model) {
  const std::vector<Candidate> candidates = all_candidates(model);
  require_supported(model, candidates);
  CollisionPairs<T> result;
  for (const Candidate& candidate : candidates) {
    GeomPair<T> pair;
    pair.geom1 = candidate.geom1;
    pair.geom2 = candidate.geom2;
    pair.body1 = model.geom_bodyid[pair.geom1];
    pair.body2 = model.geom_bodyid[pair.geom2];
    pair.first_slot = result.num_slots;
    pair.num_slots = max_points(model, candidate);
    result.num_slots += pair.num_slots;
    set_parameters(model, candidate, pair);
    const std::vector<int> columns = columns_of(model, pair.body1, pair.body2);
    pair.column_adr = static_cast<int>(result.columns.size());
    pair.num_columns = static_cast<int>(columns.size());
    result.columns.insert(result.columns.end(), columns.begin(), columns.end());
    result.pairs.push_back(pair);
  }
  return result;
}

template CollisionPairs<float> make_collision_pairs<float>(const mjModel&);
template CollisionPairs<double> make_collision_pairs<double>(const mjModel&);

}  // namespace fleet::sim
