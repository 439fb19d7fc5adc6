#pragma once
#include <traceevent/event-parse.h>
#include <traceevent/kbuffer.h>
