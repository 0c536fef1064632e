#include "sim/physics_support.h"

#include <algorithm>
#include <array>
#include <span>

#include "sim/physics_sensors.h"

// Goes through mjmodel.h from top to bottom; what touches what is physics_pairs.h. Not looked at,
// because it has no effect on a step:
// jacobian, islands, midphase and the sizes of MuJoCo's own memory (the same solution by another
// way), ccd settings (contacts that MuJoCo searches for are computed here), sdf settings (no such
// shapes), energy and fwdinv flags (statistics), groups,
// materials, textures, skins, cameras, lights, keyframes, custom fields, user data.

namespace fleet::sim {
namespace {

constexpr int kLargestNv = 64;  // patterns of rows are bits of a 64-bit number

struct Findings {
  const mjModel& m;
  std::vector<std::string> list;

  void add(const std::string& what) { list.push_back(what); }
  void add_if(bool found, mjtObj type, mjtSize id, const std::string& what) {
    if (found) {
      add(label(m, type, static_cast<int>(id)) + " (" + what + ')');
    }
  }
};

bool any_nonzero(const mjtNum* values, mjtSize count) {
  return std::any_of(values, values + count, [](mjtNum x) { return x != 0; });
}

void check_options(Findings& found) {
  const mjOption& option = found.m.opt;
  if (option.integrator == mjINT_IMPLICIT) {
    found.add("option integrator 'implicit'");
  }
  if (option.integrator == mjINT_DISCRETE) {
    found.add("option integrator 'discrete'");
  }
  if (option.noslip_iterations > 0) {
    found.add("option noslip_iterations");
  }
  constexpr std::array<std::pair<int, const char*>, 4> flags{{{mjENBL_OVERRIDE, "override"},
                                                              {mjENBL_SLEEP, "sleep"},
                                                              {mjENBL_DIAGEXACT, "diagexact"},
                                                              {mjENBL_SPECULATIVE, "speculative"}}};
  for (const auto& [bit, name] : flags) {
    if ((option.enableflags & bit) != 0) {
      found.add(std::string("flag '") + name + '\'');
    }
  }
  const bool unconstrained = (option.disableflags & mjDSBL_CONSTRAINT) != 0;
  if (found.m.nv > kLargestNv && !unconstrained) {
    found.add(std::to_string(found.m.nv) + " degrees of freedom (at most " +
              std::to_string(kLargestNv) + ")");
  }
}

void check_bodies(Findings& found) {
  const mjModel& m = found.m;
  for (mjtSize i = 0; i < m.nbody; ++i) {
    found.add_if(m.body_mocapid[i] >= 0, mjOBJ_BODY, i, "mocap");
  }
  for (mjtSize i = 0; i < m.nplugin; ++i) {
    found.add_if(true, mjOBJ_PLUGIN, i, "plugin");
  }
  for (mjtSize i = 0; i < m.nflex; ++i) {
    found.add_if(true, mjOBJ_FLEX, i, "flex");
  }
}

void check_joints(Findings& found) {
  const mjModel& m = found.m;
  for (mjtSize i = 0; i < m.njnt; ++i) {
    const bool bends = any_nonzero(m.jnt_stiffnesspoly + mjNPOLY * i, mjNPOLY);
    const bool drags = any_nonzero(m.dof_dampingpoly + mjNPOLY * m.jnt_dofadr[i], mjNPOLY);
    found.add_if(bends, mjOBJ_JOINT, i, "stiffness polynomial");
    found.add_if(drags, mjOBJ_JOINT, i, "damping polynomial");
    found.add_if(m.jnt_plasticadr[i] >= 0, mjOBJ_JOINT, i, "springyield");
  }
}

void check_geoms(Findings& found) {
  const mjModel& m = found.m;
  const bool fluid = m.opt.density != 0 || m.opt.viscosity != 0;
  for (mjtSize i = 0; i < m.ngeom; ++i) {
    found.add_if(any_nonzero(m.geom_surfacevel + 6 * i, 6), mjOBJ_GEOM, i, "surfacevel");
    found.add_if(fluid && m.geom_fluid[mjNFLUID * i] > 0, mjOBJ_GEOM, i, "fluidshape ellipsoid");
  }
}

void check_equalities(Findings& found) {
  const mjModel& m = found.m;
  const bool off = (m.opt.disableflags & (mjDSBL_EQUALITY | mjDSBL_CONSTRAINT)) != 0;
  constexpr std::array names{"connect", "weld",     "joint",      "tendon",
                             "flex",    "flexvert", "flexstrain", "distance"};
  for (mjtSize i = 0; i < m.neq && !off; ++i) {
    const bool coupling = m.eq_type[i] == mjEQ_JOINT || m.eq_type[i] == mjEQ_TENDON;
    found.add_if(m.eq_active0[i] && !coupling, mjOBJ_EQUALITY, i, names.at(m.eq_type[i]));
  }
}

void check_tendons(Findings& found) {
  const mjModel& m = found.m;
  for (mjtSize i = 0; i < m.ntendon; ++i) {
    const bool bends = any_nonzero(m.tendon_stiffnesspoly + mjNPOLY * i, mjNPOLY);
    const bool drags = any_nonzero(m.tendon_dampingpoly + mjNPOLY * i, mjNPOLY);
    found.add_if(m.tendon_type[i] != mjTENDON_FIXED, mjOBJ_TENDON, i, "spatial");
    found.add_if(bends, mjOBJ_TENDON, i, "stiffness polynomial");
    found.add_if(drags, mjOBJ_TENDON, i, "damping polynomial");
    found.add_if(m.tendon_plasticadr[i] >= 0, mjOBJ_TENDON, i, "springyield");
  }
}

/// What of the engine's `count` first kinds a kind is, for the message: "" if supported.
std::string kind(int type, int count, std::span<const char* const> names) {
  return type < count ? "" : names[std::min<std::size_t>(type, names.size() - 1)];
}

void check_transmission(Findings& found, mjtSize i) {
  const mjModel& m = found.m;
  constexpr std::array names{"joint", "jointinparent", "slidercrank", "tendon",
                             "site",  "body",          "so3",         "undefined"};
  const int type = std::min<int>(m.actuator_trntype[i], static_cast<int>(names.size()) - 1);
  const int target = m.actuator_trnid[2 * i];
  if (type == mjTRN_JOINT || type == mjTRN_JOINTINPARENT) {
    found.add_if(m.jnt_type[target] < mjJNT_SLIDE, mjOBJ_ACTUATOR, i, "on a free or ball joint");
  } else {
    found.add_if(type != mjTRN_TENDON && type != mjTRN_SITE, mjOBJ_ACTUATOR, i,
                 std::string("transmission ") + names.at(type));
    found.add_if(type == mjTRN_SITE && m.actuator_trnid[2 * i + 1] >= 0, mjOBJ_ACTUATOR, i,
                 "refsite");
  }
}

void check_actuators(Findings& found) {
  const mjModel& m = found.m;
  constexpr std::array dyn{"none",   "integrator", "filter", "filterexact",
                           "muscle", "dcmotor",    "pid",    "user"};
  constexpr std::array gain{"fixed", "affine", "muscle", "dcmotor", "so3", "pid", "user"};
  constexpr std::array bias{"none", "affine", "muscle", "dcmotor", "so3", "user"};
  for (mjtSize i = 0; i < m.nactuator; ++i) {
    check_transmission(found, i);
    for (const auto& [name, bad] :
         {std::pair{"dyntype ", kind(m.actuator_dyntype[i], 4, dyn)},
          std::pair{"gaintype ", kind(m.actuator_gaintype[i], 2, gain)},
          std::pair{"biastype ", kind(m.actuator_biastype[i], 2, bias)}}) {
      found.add_if(!bad.empty(), mjOBJ_ACTUATOR, i, name + bad);
    }
    const bool changes_target = m.actuator_damping[i] != 0 || m.actuator_armature[i] != 0 ||
                                any_nonzero(m.actuator_dampingpoly + mjNPOLY * i, mjNPOLY);
    const int group = m.actuator_group[i];
    const bool off = group >= 0 && group < 31 && (m.opt.disableactuator >> group & 1) != 0;
    found.add_if(m.actuator_ctrlnum[i] != 1 || m.actuator_outnum[i] != 1, mjOBJ_ACTUATOR, i,
                 "several inputs or outputs");
    found.add_if(m.actuator_actnum[i] > 1, mjOBJ_ACTUATOR, i, "several activations");
    found.add_if(changes_target, mjOBJ_ACTUATOR, i, "damping or armature");
    found.add_if(m.actuator_history[2 * i] > 0 || m.actuator_delay[i] > 0, mjOBJ_ACTUATOR, i,
                 "delay");
    found.add_if(off, mjOBJ_ACTUATOR, i, "group disabled");
  }
}

void check_sensors(Findings& found) {
  const mjModel& m = found.m;
  const bool off = (m.opt.disableflags & mjDSBL_SENSOR) != 0;
  for (int i = 0; i < m.nsensor && !off; ++i) {
    const std::string what = unsupported_sensor(m, i);
    found.add_if(!what.empty(), mjOBJ_SENSOR, i, what);
  }
}

}  // namespace

std::string label(const mjModel& model, mjtObj type, int id) {
  const char* const name = mj_id2name(&model, type, id);
  const std::string text = std::string(mju_type2Str(type)) + ' ';
  return name != nullptr ? text + '\'' + name + '\'' : text + std::to_string(id);
}

std::vector<std::string> unsupported_features(const mjModel& model) {
  Findings found{model, {}};
  check_options(found);
  check_bodies(found);
  check_joints(found);
  check_geoms(found);
  check_equalities(found);
  check_tendons(found);
  check_actuators(found);
  check_sensors(found);
  return found.list;
}

std::vector<std::string> physics_notes(const mjModel& model) {
  std::vector<std::string> notes;
  if (model.opt.solver != mjSOL_NEWTON) {
    notes.emplace_back("solver " + std::string(model.opt.solver == mjSOL_CG ? "CG" : "PGS") +
                       ": the engine solves with Newton");
  }
  if ((model.opt.disableflags & mjDSBL_NATIVECCD) != 0) {
    notes.emplace_back("nativeccd off: the engine has its own collision functions");
  }
  for (int i = 0; i < model.neq; ++i) {
    if (!model.eq_active0[i]) {
      notes.emplace_back(label(model, mjOBJ_EQUALITY, i) + " is inactive: it is left out");
    }
  }
  return notes;
}

}  // namespace fleet::sim
