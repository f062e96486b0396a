"""The line itself: the stages in order, what wakes what, and every background job."""
